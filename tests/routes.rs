//! Routes: scripted situations and the verdict, level and advice they give; probes against the demo by what it logged.

use super::stage;
use super::support::{DemoChild, Home, Ran, files_below, sha256, wait_for};
use super::terminal::Terminal;
use jiff::Timestamp;
use serde_json::{Value, json};
use unpeel::app::{Effect, Msg, update};
use unpeel::call::Reading;
use unpeel::catalog::Catalog;
use unpeel::layout::Pane;
use unpeel::route::judge::{self, Judged, Seen};
use unpeel::route::{Evidence, Kind, RouteId, Rules, Source, standing};
use unpeel::wire::request;
use unpeel::wire::verdict::{self, Ending};

/// What is observed: on which kind of route, how, and what came back.
enum Event {
    /// A call of the user's: status and body.
    Call(u16, String),
    /// The free native probe.
    Dry(u16, String),
    List(u16, String),
    Site(u16, String),
    /// A try of the images route.
    Images(u16, String),
    Lost(Ending),
    DryLost(Ending),
    /// A picture with figures: seconds it took, pixels asked and got, expected and booked cost.
    Picture(f64, Option<((u32, u32), (u32, u32))>, Option<(f64, f64)>),
    /// What documentation says.
    Claim(bool),
}

use Event::{Call, Claim, Dry, DryLost, Images, List, Lost, Picture, Site};

const HTML: &str =
    "<!doctype html><html><head><title>New API</title></head><body><div id=\"root\"></div></body></html>";
const CDN: &str = "<!DOCTYPE html><html><head><title>gateway.example | 524: A timeout occurred</title></head></html>";

fn gateway(code: &str, message: &str) -> String {
    json!({"error": {"message": message, "type": "new_api_error", "param": "", "code": code}}).to_string()
}

fn google(code: u16, status: &str, message: &str) -> String {
    json!({"error": {"code": code, "message": message, "status": status}}).to_string()
}

fn finish(reason: &str) -> String {
    json!({"candidates": [{"finishReason": reason, "content": {"role": "model"}}]}).to_string()
}

/// A whole PNG of 1×1.
fn png() -> String {
    let bytes = include_bytes!("fixtures/dot.png");
    let data = unpeel::wire::b64::encode(bytes);
    json!({"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "image/png", "data": data}}]}, "finishReason": "STOP"}]})
        .to_string()
}

fn said(text: &str) -> String {
    json!({"candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}]}).to_string()
}

fn kind(events: &[Event]) -> Kind {
    match events.last() {
        Some(List(..)) => Kind::Models,
        Some(Site(..)) => Kind::Site,
        Some(Images(..)) => Kind::Images,
        _ => Kind::Generate,
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("in range")
}

fn call(catalog: &Catalog, status: Option<u16>, body: &str, ending: &Ending) -> Judged {
    let reading = Reading::of(body.as_bytes().to_vec());
    let verdict = verdict::judge(&reading.reply, body.as_bytes(), status, ending);
    judge::call(catalog, &verdict, status, &reading.reply, body.as_bytes())
}

fn observed(catalog: &Catalog, number: i64, event: &Event, kind: Kind) -> Evidence {
    let whole = Ending::Complete;
    let of = |status: &u16, body: &String, judged: fn(&Catalog, &Seen) -> Judged| {
        let seen = Seen { status: Some(*status), body: body.as_bytes(), ending: &whole };
        (Some(*status), judged(catalog, &seen), Source::FreeProbe)
    };
    let (status, judged, source) = match event {
        Call(status, body) => (Some(*status), call(catalog, Some(*status), body, &whole), Source::Call),
        Lost(ending) => (None, call(catalog, None, "", ending), Source::Call),
        Picture(..) => (Some(200), call(catalog, Some(200), &png(), &whole), Source::Call),
        Dry(status, body) => of(status, body, judge::dry_run),
        DryLost(ending) => {
            (None, judge::dry_run(catalog, &Seen { status: None, body: b"", ending }), Source::FreeProbe)
        }
        List(status, body) => of(status, body, |catalog, seen| judge::model_list(catalog, seen).0),
        Site(status, body) => of(status, body, |catalog, seen| judge::site(catalog, seen).0),
        Images(status, body) => {
            let (status, judged, _) = of(status, body, judge::images_route);
            (status, judged, Source::PaidProbe)
        }
        Claim(_) => (None, call(catalog, None, "", &Ending::Cancelled { sent: false }), Source::Documentation),
    };
    let route = RouteId { profile: "p".into(), kind, model: "gemini-3.1-flash-image-preview".into() };
    let mut evidence = Evidence {
        status,
        class: judged.class,
        finding: judged.finding,
        level: judged.level,
        reason: judged.reason,
        known: judged.known,
        ..Evidence::new(format!("e{number}"), route, at(1_000_000 + number), source)
    };
    if let Picture(seconds, pixels, costs) = event {
        evidence.phases.done = Some(seconds * 1000.0);
        evidence.pixels_asked = pixels.map(|(asked, _)| asked);
        evidence.pixels = pixels.map(|(_, got)| got);
        evidence.expected_usd = costs.map(|(expected, _)| expected);
        evidence.observed_usd = costs.map(|(_, booked)| booked);
    }
    if let Claim(works) = event {
        use unpeel::route::Finding;
        evidence.finding = if *works { Finding::ClaimedWorking } else { Finding::ClaimedBroken };
    }
    evidence
}

/// Name, what was observed in this order, then verdict, level, and words of the advice or the reason.
type Situation = (&'static str, Vec<Event>, &'static str, Option<&'static str>, &'static str);

fn situations() -> Vec<Situation> {
    let options = "Invalid JSON payload received. Unknown name \"imageOutputOptions\" at 'generation_config.image_config': Cannot find field.";
    let imagen = "not supported model for image generation, only imagen models are supported";
    let required = || gateway("invalid_request", "contents is required (request id: 2026)");
    let native = "generateContent";
    vec![
        ("nothing yet", vec![], "unknown", None, ""),
        ("the docs say it works", vec![Claim(true)], "claimed", None, ""),
        ("the docs say it does not", vec![Claim(false)], "claimed", None, ""),
        ("a picture", vec![Call(200, png())], "proven", None, ""),
        ("a picture refutes the docs", vec![Claim(false), Call(200, png())], "proven", None, ""),
        ("dry run, 500 contents is required", vec![Dry(500, required())], "configured", None, "unproven"),
        ("dry run, 400 contents is required", vec![Dry(400, required())], "configured", None, "unproven"),
        (
            "dry run, Google's own words",
            vec![Dry(
                400,
                google(400, "INVALID_ARGUMENT", "* GenerateContentRequest.contents: contents is not specified\n"),
            )],
            "configured",
            None,
            "unproven",
        ),
        (
            "dry run, wrapped twice",
            vec![Dry(500, gateway("", &google(400, "INVALID_ARGUMENT", "contents is required")))],
            "configured",
            None,
            "unproven",
        ),
        ("dry run, plain text", vec![Dry(400, "contents is required".into())], "configured", None, "unproven"),
        (
            "dry run, wrong key",
            vec![Dry(401, gateway("", "Invalid token (request id: 1)"))],
            "failing",
            Some("key"),
            "key",
        ),
        (
            "dry run, Google's wrong key",
            vec![Dry(400, google(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."))],
            "failing",
            Some("key"),
            "key",
        ),
        (
            "dry run, model not mapped",
            vec![Dry(503, gateway("model_not_found", "No available channel for model x under group default"))],
            "failing",
            Some("model"),
            "model",
        ),
        (
            "dry run, no channel in Chinese",
            vec![Dry(503, gateway("", "当前分组 default 下对于模型 x 无可用渠道"))],
            "failing",
            Some("model"),
            "model",
        ),
        (
            "dry run, channel lost",
            vec![Dry(500, gateway("get_channel_failed", "get_channel_failed"))],
            "failing",
            Some("route"),
            "",
        ),
        (
            "dry run, no quota",
            vec![Dry(403, gateway("insufficient_user_quota", "用户额度不足"))],
            "failing",
            Some("account"),
            "op up",
        ),
        ("dry run, limited", vec![Dry(429, String::new())], "unknown", None, ""),
        ("dry run, a web page under 200", vec![Dry(200, HTML.into())], "failing", Some("route"), "base"),
        ("dry run, the CDN gave up", vec![Dry(524, CDN.into())], "failing", Some("upstream"), ""),
        (
            "dry run, unreachable",
            vec![DryLost(Ending::NotSent("could not connect".into()))],
            "failing",
            Some("network"),
            "network",
        ),
        ("proof stays proof after a dry run", vec![Call(200, png()), Dry(500, required())], "proven", None, ""),
        (
            "a dry run takes back a wrong key",
            vec![Dry(401, gateway("", "Invalid token")), Dry(500, required())],
            "configured",
            None,
            "unproven",
        ),
        (
            "a dry run does not take back the upstream",
            vec![Call(503, google(503, "UNAVAILABLE", "The model is overloaded.")), Dry(500, required())],
            "failing",
            Some("upstream"),
            "",
        ),
        (
            "key revoked after proof",
            vec![Call(200, png()), Call(401, gateway("", "Invalid token"))],
            "failing",
            Some("key"),
            "key",
        ),
        ("a refused prompt says nothing", vec![Call(200, finish("IMAGE_SAFETY"))], "unknown", None, ""),
        (
            "a refused prompt takes no proof away",
            vec![Call(200, png()), Call(200, finish("PROHIBITED_CONTENT"))],
            "proven",
            None,
            "",
        ),
        (
            "429 takes no proof away",
            vec![Call(200, png()), Call(429, google(429, "RESOURCE_EXHAUSTED", "Quota exceeded"))],
            "proven",
            None,
            "",
        ),
        ("an empty 429 takes no proof away", vec![Call(200, png()), Call(429, String::new())], "proven", None, ""),
        (
            "a user's error takes no proof away",
            vec![Call(200, png()), Call(400, google(400, "INVALID_ARGUMENT", "imageSize"))],
            "proven",
            None,
            "",
        ),
        (
            "cancelling takes no proof away",
            vec![Call(200, png()), Lost(Ending::Cancelled { sent: true })],
            "proven",
            None,
            "",
        ),
        ("words in place of a picture", vec![Call(200, said("I cannot draw."))], "unknown", None, ""),
        ("HTML under 200", vec![Call(200, HTML.into())], "failing", Some("route"), "base"),
        (
            "an error object under 200",
            vec![Call(200, gateway("model_not_found", "The model does not exist"))],
            "failing",
            Some("model"),
            "model",
        ),
        ("the CDN gave up", vec![Call(524, CDN.into())], "failing", Some("upstream"), ""),
        (
            "overloaded",
            vec![Call(503, google(503, "UNAVAILABLE", "The model is overloaded. Please try again later."))],
            "failing",
            Some("upstream"),
            "",
        ),
        (
            "a dead id on Google",
            vec![Call(
                404,
                google(
                    404,
                    "NOT_FOUND",
                    "models/x is not found for API version v1beta, or is not supported for generateContent.",
                ),
            )],
            "failing",
            Some("model"),
            "list the models",
        ),
        (
            "no quota",
            vec![Call(403, gateway("insufficient_user_quota", "insufficient_user_quota"))],
            "failing",
            Some("account"),
            "op up",
        ),
        (
            "never connected",
            vec![Lost(Ending::NotSent("could not connect".into()))],
            "failing",
            Some("network"),
            "network",
        ),
        ("no reply", vec![Lost(Ending::NoReply("connection reset".into()))], "failing", Some("network"), "network"),
        ("timed out", vec![Lost(Ending::TimedOut("no byte for 600 s".into()))], "failing", Some("upstream"), ""),
        ("slow", vec![Picture(142.0, None, None)], "degraded", None, "142"),
        ("another size", vec![Picture(9.0, Some(((2752, 1536), (1024, 1024))), None)], "degraded", None, "1024"),
        ("drift", vec![Picture(9.0, None, Some((0.067, 0.134)))], "degraded", None, "$0.134"),
        ("aligned", vec![Picture(9.0, None, Some((0.067, 0.067)))], "proven", None, ""),
        ("cheaper than the list", vec![Picture(9.0, None, Some((0.067, 0.037)))], "proven", None, "$0.037"),
        (
            "images body on the native route",
            vec![Call(200, json!({"data": [{"url": "https://x.example/a.png"}]}).to_string())],
            "degraded",
            None,
            "",
        ),
        (
            "production: images route, output options",
            vec![Images(
                400,
                json!({"error": {"message": options, "type": "upstream_error", "param": "", "code": 400}}).to_string(),
            )],
            "failing",
            Some("route"),
            native,
        ),
        (
            "production: images route, only imagen",
            vec![Images(500, gateway("convert_request_failed", imagen))],
            "failing",
            Some("route"),
            native,
        ),
        (
            "production: images route, channel",
            vec![Images(500, gateway("get_channel_failed", "get_channel_failed"))],
            "failing",
            Some("route"),
            native,
        ),
        (
            "local: images route, output options",
            vec![
                Claim(false),
                Images(400, json!({"error": {"message": options, "type": "", "code": 400}}).to_string()),
            ],
            "failing",
            Some("route"),
            native,
        ),
        (
            "local: images route, only imagen",
            vec![Claim(false), Images(500, gateway("", imagen))],
            "failing",
            Some("route"),
            native,
        ),
        (
            "local: images route, channel",
            vec![Claim(false), Images(503, gateway("get_channel_failed", "no channel"))],
            "failing",
            Some("route"),
            native,
        ),
        (
            "images route, another gateway",
            vec![Images(400, gateway("", "Model x is not supported on /v1/images/generations or /v1/images/edits"))],
            "failing",
            Some("route"),
            native,
        ),
        (
            "images route answers again",
            vec![Images(200, json!({"created": 1, "data": [{"b64_json": "iVBORw0KGgo="}]}).to_string())],
            "degraded",
            None,
            "native",
        ),
        (
            "a list",
            vec![List(200, json!({"models": [{"name": "models/a"}, {"name": "b"}]}).to_string())],
            "configured",
            None,
            "2",
        ),
        ("a web page for the list", vec![List(200, HTML.into())], "failing", Some("route"), "base"),
        (
            "the list is an error object under 200",
            vec![List(200, gateway("model_not_found", "The model '' does not exist"))],
            "failing",
            Some("route"),
            "",
        ),
        ("the list refuses the key", vec![List(401, gateway("", "Invalid token"))], "failing", Some("key"), "key"),
        (
            "a list that is not offered",
            vec![List(404, gateway("", "Invalid URL (GET /v1beta/models)"))],
            "unknown",
            None,
            "",
        ),
        ("a state that is not offered", vec![Site(404, google(404, "NOT_FOUND", "Not found"))], "unknown", None, ""),
        (
            "the site is up",
            vec![Site(200, json!({"success": true, "data": {"quota_per_unit": 500000}}).to_string())],
            "configured",
            None,
            "",
        ),
        (
            "the site is down",
            vec![Site(502, "<html><title>502 Bad Gateway</title></html>".into())],
            "failing",
            Some("upstream"),
            "",
        ),
    ]
}

#[test]
fn situations_have_their_verdict_level_and_advice() {
    let (catalog, rules) = (Catalog::builtin(), Rules::default());
    let all = situations();
    assert!(all.len() >= 40);
    let mut wrong = Vec::new();
    for (name, events, verdict, level, words) in all {
        let kind = kind(&events);
        let evidence: Vec<Evidence> =
            events.iter().zip(0..).map(|(event, number)| observed(&catalog, number, event, kind)).collect();
        let judged = standing::judge(kind, &evidence, at(1_000_060), &rules, &catalog);
        let said = format!("{} {}", judged.reason, judged.advice);
        let got = (judged.standing.word(), judged.level.map(|level| level.word()));
        let level_fits = verdict != "failing" || got.1 == level;
        if got.0 != verdict || !level_fits || !said.contains(words) {
            wrong.push(format!("{name}: expected {verdict} {level:?} {words:?}, got {got:?} {said:?}"));
        }
        if verdict == "failing" && judged.advice.is_empty() {
            wrong.push(format!("{name}: no advice"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

const KEY: &str = "sk-routes-test-0123456789";

/// The row of a kind in what `routes --json` printed.
fn row(ran: &Ran, kind: &str) -> Value {
    let rows: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("no JSON: {ran:?}"));
    let found = rows.as_array().and_then(|rows| rows.iter().find(|row| row["kind"] == kind));
    found.unwrap_or_else(|| panic!("no row of {kind}: {rows:#}")).clone()
}

/// A home whose profile leads to a demo.
fn routed<'a>(profile: &'a str, base: &'a str) -> [(String, &'a str); 2] {
    [(format!("UNPEEL__PROFILES__{}__BASE", profile.to_uppercase()), base), ("CRAZYROUTER_API_KEY".to_owned(), KEY)]
}

fn run(home: &Home, base: &str, profile: &str, args: &[&str]) -> Ran {
    let env = routed(profile, base);
    let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let mut all = args.to_vec();
    all.extend(["--profile", profile]);
    home.run_with(&all, &env, b"")
}

#[test]
fn free_probes_post_nothing_but_empty_contents() {
    let (home, demo) = (Home::new(), DemoChild::start(&["--models", "1200"]));
    let before = run(&home, &demo.base, "production", &["routes", "--json"]);
    assert_eq!(row(&before, "generateContent")["verdict"], "claimed", "{before:?}");
    assert!(demo.requests().is_empty(), "looking at routes asks nobody");
    let probed = run(&home, &demo.base, "production", &["routes", "--probe", "--json"]);
    assert_eq!(probed.code, Some(0), "{probed:?}");
    let native = row(&probed, "generateContent");
    assert_eq!((&native["verdict"], &native["level"]), (&json!("configured"), &json!(null)), "{native:#}");
    assert_eq!(row(&probed, "models")["count"], 1200);
    let posts = demo.posts();
    let empty = sha256(br#"{"contents":[]}"#);
    assert!(!posts.is_empty() && posts.iter().all(|post| post["bodySha256"] == empty.as_str()), "{posts:#?}");
    let paths: Vec<String> =
        demo.requests().iter().map(|line| line["path"].as_str().unwrap_or("").to_owned()).collect();
    assert!(!paths.iter().any(|path| path.contains("countTokens")), "{paths:?}");
    assert_eq!(paths.iter().filter(|path| *path == "/v1beta/models").count(), 3, "a page each: {paths:?}");
}

#[test]
fn a_real_call_proves_its_route_with_its_request_id() {
    let (home, demo) = (Home::new(), DemoChild::start(&[]));
    let sent = run(&home, &demo.base, "production", &["send", "a red fox", "--json"]);
    let shown = run(&home, &demo.base, "production", &["routes", "--json"]);
    let native = row(&shown, "generateContent");
    assert_eq!(native["verdict"], "proven", "{native:#}");
    assert_eq!(native["requestId"], sent.json()["requestId"]);
    assert_eq!((&native["n"], &native["p95Ms"]), (&json!(1), &json!(null)), "one call is no percentile");
    let asked = run(&home, &demo.base, "production", &["send", "a red fox", "--model", "nano-banana-2"]);
    assert_eq!(asked.code, Some(0), "{asked:?}");
    let native = row(&run(&home, &demo.base, "production", &["routes", "--json"]), "generateContent");
    let models = json!({"asked": "nano-banana-2", "sent": "gemini-3.1-flash-image-preview", "reported": "gemini-3.1-flash-image-preview"});
    assert_eq!(native["models"], models);
}

#[test]
fn drift_is_told_with_both_figures_and_a_charged_failure_is_flagged() {
    for (drift, verdict, billing, booked) in [("1", "proven", "aligned", 0.067), ("2x", "degraded", "drifted", 0.134)] {
        let (home, demo) = (Home::new(), DemoChild::start(&["--usage-drift", drift]));
        let probed = run(&home, &demo.base, "production", &["routes", "--probe-paid", "--yes", "--json"]);
        let native = row(&probed, "generateContent");
        assert_eq!((&native["verdict"], &native["billing"]), (&json!(verdict), &json!(billing)), "{native:#}");
        assert_eq!(native["expectedUsd"], 0.067);
        assert!(native["bookedUsd"].as_f64().is_some_and(|usd| (usd - booked).abs() < 1e-6), "{native:#}");
        assert_eq!(demo.posts().len(), 1, "one picture");
    }
    let (home, demo) = (Home::new(), DemoChild::start(&[]));
    let sent = run(&home, &demo.base, "production", &["send", "[scene:charged-failure] x", "--reconcile"]);
    assert!(sent.stderr.contains("no picture came") && sent.stderr.contains("$0.0"), "{sent:?}");
    let shown = run(&home, &demo.base, "production", &["routes", "--json"]);
    assert!(row(&shown, "generateContent")["reason"].as_str().is_some_and(|why| why.contains('$')), "{shown:?}");
}

#[test]
fn money_is_never_spent_without_a_yes() {
    let (home, demo) = (Home::new(), DemoChild::start(&[]));
    let asked = run(&home, &demo.base, "production", &["routes", "--probe-paid"]);
    assert_eq!((asked.code, demo.requests().len()), (Some(2), 0), "{asked:?}");
    assert!(asked.stderr.contains("--yes"), "{asked:?}");
}

#[test]
fn the_pages_situation_gives_the_pages_table() {
    let home = Home::new();
    let (production, local) = (DemoChild::start(&[]), DemoChild::start(&[]));
    let scenes = ["legacy-output-options", "legacy-not-supported", "legacy-channel-failed"];
    let bases = [("production", &production.base), ("local", &local.base)];
    let env: Vec<(String, &str)> = bases
        .iter()
        .map(|(name, base)| (format!("UNPEEL__PROFILES__{}__BASE", name.to_uppercase()), base.as_str()))
        .chain([("CRAZYROUTER_API_KEY".to_owned(), KEY)])
        .collect();
    let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let run = |args: &[&str]| home.run_with(args, &env, b"");
    let native = run(&["send", "a red fox", "--model", "nano-banana-2", "--reconcile", "--profile", "production"]);
    assert_eq!(native.code, Some(0), "{native:?}");
    for (profile, _) in bases {
        for scene in scenes {
            // A model of the demo's that stands for a scene is not the page's; the prompt names it.
            let tried =
                run(&["routes", "--probe-images", "--yes", "--prompt", scene_prompt(scene), "--profile", profile]);
            assert!(tried.stderr.contains("error"), "{tried:?}");
        }
    }
    let table = run(&["routes", "--markdown"]).stdout;
    let cells = |item: &str| -> Vec<String> {
        let line = table.lines().find(|line| line.contains(item)).unwrap_or_else(|| panic!("no {item}: {table}"));
        line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    for (item, status) in [
        ("Alias mapping", "confirmed"),
        ("Native Gemini generateContent", "recommended"),
        ("Native-path billing", "currently normal"),
        ("OpenAI Images POST /v1/images/generations", "not recommended"),
    ] {
        assert_eq!(cells(item)[1], status, "{table}");
    }
    let images = &cells("OpenAI Images")[2];
    assert!(images.contains("production") && images.contains("local 4000"), "{images}");
    for error in ["imageOutputOptions", "not supported model for image generation", "get_channel_failed"] {
        assert!(table.contains(error), "{error}: {table}");
    }
    let id = home.exchanges()[0].file_name().expect("a name").to_string_lossy().into_owned();
    assert!(table.contains(&id), "the evidence is named: {table}");
}

fn scene_prompt(scene: &str) -> &'static str {
    match scene {
        "legacy-output-options" => "[scene:legacy-output-options] x",
        "legacy-not-supported" => "[scene:legacy-not-supported] x",
        _ => "[scene:legacy-channel-failed] x",
    }
}

#[test]
fn both_curl_commands_of_the_page_become_native_requests_without_their_keys() {
    let native = r#"curl "https://crazyrouter.com/v1beta/models/gemini-3.1-flash-image-preview:generateContent?key=sk-live-aaaabbbbccccdddd" \
  -H "Content-Type: application/json" \
  -d '{"contents":[{"role":"user","parts":[{"text":"Generate an IMAGE of a clean ecommerce hero shot."}]}],"generationConfig":{"responseModalities":["IMAGE"]}}'"#;
    let legacy = r#"curl -X POST https://crazyrouter.com/v1/images/generations \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer sk-live-aaaabbbbccccdddd" \
  -d '{
    "model": "nano-banana-2",
    "prompt": "a red fox"
  }'"#;
    let home = Home::new();
    for (command, prompt) in [(native, "Generate an IMAGE of a clean ecommerce hero shot."), (legacy, "a red fox")] {
        let made = home.run_with(&["import"], &[], command.as_bytes());
        assert_eq!(made.code, Some(0), "{made:?}");
        let request: Value = serde_json::from_str(&made.stdout).expect("JSON");
        assert_eq!(request["body"]["contents"][0]["parts"][0]["text"], prompt);
        assert_eq!(request["body"]["generationConfig"]["responseModalities"], json!(["IMAGE"]));
        assert_eq!(request["model"]["sent"], "gemini-3.1-flash-image-preview");
        assert!(request["url"].as_str().is_some_and(|url| url.ends_with(":generateContent")), "{request:#}");
        assert!(!format!("{made:?}").contains("sk-live-aaaa"), "{made:?}");
    }
    let note = home.run_with(&["import"], &[], legacy.as_bytes()).stderr;
    assert!(note.contains("/v1/images/generations") && note.contains("native"), "{note}");
    let demo = DemoChild::start(&[]);
    let env = [("UNPEEL__PROFILES__PRODUCTION__BASE", demo.base.as_str()), ("CRAZYROUTER_API_KEY", KEY)];
    let sent = home.run_with(&["import", "--send", "--json"], &env, legacy.as_bytes());
    assert_eq!((sent.code, demo.posts().len()), (Some(0), 1), "{sent:?}");
    assert!(demo.posts()[0]["path"].as_str().is_some_and(|path| path.ends_with(":generateContent")));
    for file in files_below(home.path("").as_path()) {
        let bytes = std::fs::read(&file).expect("readable");
        assert!(memchr::memmem::find(&bytes, b"sk-live-aaaa").is_none(), "{}", file.display());
    }
}

const ROUTES: &[u8] = b"\x0f";
const QUIT: &[u8] = b"\x11";

#[test]
fn the_app_asks_nobody_until_a_key_and_pays_after_two() {
    for size in [(120, 40), (80, 24)] {
        let demo = DemoChild::start(&[]);
        let env = [("UNPEEL__PROFILES__PRODUCTION__BASE", demo.base.as_str()), ("CRAZYROUTER_API_KEY", KEY)];
        // The profile of the same variable that leads elsewhere must not be asked by this test.
        let local = ("UNPEEL__PROFILES__LOCAL__BASE", demo.base.as_str());
        let mut terminal = Terminal::start(Home::new(), size, &[], &[env[0], env[1], local]);
        terminal.write(ROUTES);
        terminal.wait_text("claimed");
        assert!(demo.requests().is_empty(), "{:?}", demo.requests());
        terminal.write(b"P");
        terminal.wait_text("configured");
        wait_for("both profiles' probes", || (demo.posts().len() == 2).then_some(()));
        let empty = sha256(br#"{"contents":[]}"#);
        assert!(demo.posts().iter().all(|post| post["bodySha256"] == empty.as_str()), "{:?}", demo.posts());
        terminal.write(b"g!");
        terminal.wait_text("$0.067?");
        assert_eq!(demo.posts().len(), 2, "a question sends nothing");
        // Keys that come as fast as a paste answer no question about money: pressed until it is taken, and once only.
        let mut looks = 0;
        wait_for("the answer to be taken", || {
            let open = terminal.text().contains("$0.067?");
            looks += 1;
            if open && looks % 20 == 0 {
                terminal.write(b"y");
            }
            (!open).then_some(())
        });
        wait_for("one picture", || (demo.posts().len() == 3).then_some(()));
        terminal.wait_text("▸proven");
        terminal.write(b"\x0f\r");
        terminal.wait_text("by paid probe");
        terminal.write(b"\r");
        wait_for("the card to give way to the call", || (!terminal.text().contains("by paid probe")).then_some(()));
        terminal.wait_text("A plain red circle");
        assert_eq!(demo.posts().len(), 3, "one picture and no more");
        terminal.write(QUIT);
        assert_eq!(terminal.exit_code(), 0);
    }
}

#[test]
fn a_prompt_taken_over_from_a_try_of_the_images_route_goes_on_natively() {
    let mut state = stage::state((120, 40), stage::profile("http://127.0.0.1:9"), false);
    let profile = stage::profile("http://127.0.0.1:9");
    let ask = unpeel::app::probe::legacy(&profile, "nano-banana-2");
    assert_eq!(ask.call, request::Call::Images);
    let number = state.log.begin(ask, stage::at(0));
    update(
        &mut state,
        stage::at(10),
        Msg::Answered { entry: number, answer: stage::answer(stage::REFUSED, 200, None) },
    );
    state.focus(Pane::Log);
    update(&mut state, stage::at(3000), Msg::Pressed(stage::key("enter")));
    let effects = update(&mut state, stage::at(9000), Msg::Pressed(stage::key("ctrl-s")));
    let [Effect::Send { ask, source: Source::Call, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(ask.call, request::Call::Generate);
}
