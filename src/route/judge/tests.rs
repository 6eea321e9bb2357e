//! Bodies as servers send them, and what each says of its route.

use super::*;
use crate::catalog::Catalog;
use crate::route::evidence::Kind;
use crate::wire::{b64, reply, verdict};
use Ask::{Call, Dry, Images, List, Site};
use Finding::{Accepted, Failed, Odd, Picture, Silent};

#[derive(Debug, Clone, Copy)]
enum Ask {
    Dry,
    List,
    Site,
    Images,
    Call,
}

type Row<'a> = (Ask, u16, &'a str, &'a str, Finding, Option<Level>);

fn judged_at_the_end(ask: Ask, status: Option<u16>, body: &[u8], ending: &Ending) -> Judged {
    let (catalog, seen) = (Catalog::builtin(), Seen { status, body, ending });
    match ask {
        Dry => dry_run(&catalog, &seen),
        List => model_list(&catalog, &seen).0,
        Site => site(&catalog, &seen).0,
        Images => images_route(&catalog, &seen),
        Call => {
            let reply = reply::read(body);
            call(&catalog, &verdict::judge(&reply, body, status, ending), status, &reply, body)
        }
    }
}

fn judged(ask: Ask, status: u16, body: &str) -> Judged {
    judged_at_the_end(ask, Some(status), body.as_bytes(), &Ending::Complete)
}

fn check(rows: &[Row]) {
    for &(ask, status, body, class, finding, level) in rows {
        let got = judged(ask, status, body);
        assert_eq!((&*got.class, got.finding, got.level), (class, finding, level), "{ask:?} {status} {body}\n{got:?}");
        assert!(finding != Failed || !got.reason.is_empty(), "{body}");
    }
}

const INVALID_URL: &str =
    r#"{"error":{"message":"Invalid URL (GET /x)","type":"invalid_request_error","param":"","code":""}}"#;
const NO_CHANNEL: &str = r#"{"error":{"message":"No available channel for model m under group default (request id: r1)","type":"new_api_error","param":"","code":"model_not_found"}}"#;
const NAMELESS: &str = r#"{"error":{"message":"The model '' does not exist","type":"invalid_request_error","param":"model","code":"model_not_found"}}"#;
const CHANNEL_FAILED: &str =
    r#"{"error":{"message":"get_channel_failed (request id: r1)","type":"new_api_error","code":"get_channel_failed"}}"#;
const OUTPUT_OPTIONS: &str = r#"{"error":{"message":"Invalid JSON payload received. Unknown name \"imageOutputOptions\" at 'generation_config.image_config': Cannot find field.","type":"upstream_error","param":"","code":400}}"#;
const ONLY_IMAGEN: &str = r#"{"error":{"message":"not supported model for image generation, only imagen models are supported","type":"new_api_error","param":"","code":"convert_request_failed"}}"#;
const BAD_TOKEN: &str = r#"{"error":{"message":"Invalid token (request id: r1)","type":"new_api_error","code":""}}"#;
const WEBSITE: &str =
    "<!doctype html><html><head><title>Model safety hub</title></head><body><div id=root></div></body></html>";
const PAGE_404: &str = "<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title><p>404.";
const PAGE_502: &str =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center>nginx</center></body></html>";
const PAGE_524: &str =
    "<!DOCTYPE html><html><head><title>gateway.example | 524: A timeout occurred</title></head></html>";

#[test]
fn a_dry_run_is_accepted_when_its_empty_contents_are_refused() {
    for (status, body) in [
        (500, r#"{"error":{"message":"contents is required (request id: r1)","code":"invalid_request"}}"#),
        (
            400,
            r#"{"error":{"message":"contents is required","type":"new_api_error","param":"","code":"convert_request_failed"}}"#,
        ),
        (
            400,
            r#"{"error":{"code":400,"message":"* GenerateContentRequest.contents: contents is not specified\n","status":"INVALID_ARGUMENT"}}"#,
        ),
        (
            400,
            r#"{"error":{"code":400,"message":"Unable to submit request because at least one contents field is required.","status":"INVALID_ARGUMENT"}}"#,
        ),
        (
            400,
            r#"{"error":{"message":"upstream: {\"error\":{\"code\":400,\"message\":\"contents must not be empty\",\"status\":\"INVALID_ARGUMENT\"}}","type":"upstream_error","code":400}}"#,
        ),
        (400, r#"{"error":{"message":{"error":{"message":"contents is required"}},"code":400}}"#),
        (400, r#"[{"error":{"code":400,"message":"contents is not specified","status":"INVALID_ARGUMENT"}}]"#),
        (400, r#"{"error":"contents is required"}"#),
        (200, r#"{"success":false,"message":"contents is required"}"#),
        (500, r#"{"error":{"message":"contents不能为空"}}"#),
        (422, r#"{"detail":[{"loc":["body","contents"],"msg":"Field required"}]}"#),
        (200, r#"{"code":400,"msg":"contents is required"}"#),
        (400, "contents is required\n"),
    ] {
        let got = judged(Dry, status, body);
        assert_eq!((&*got.class, got.finding, got.level), ("dry run accepted", Accepted, None), "{status} {body}");
        assert!(got.reason.contains("upstream is unproven") && got.reason.contains("contents"), "{}", got.reason);
    }
}

#[test]
fn a_dry_run_fails_where_the_body_says() {
    check(&[
        (Dry, 503, NO_CHANNEL, "not mapped for this key", Failed, Some(Level::Model)),
        (
            Dry,
            503,
            r#"{"error":{"message":"分组 default 下模型 m 无可用渠道（distributor）"}}"#,
            "not mapped for this key",
            Failed,
            Some(Level::Model),
        ),
        (
            Dry,
            404,
            r#"{"error":{"code":404,"message":"models/m is not found for API version v1beta, or is not supported for generateContent.","status":"NOT_FOUND"}}"#,
            "not mapped for this key",
            Failed,
            Some(Level::Model),
        ),
        (Dry, 401, BAD_TOKEN, "key refused", Failed, Some(Level::Key)),
        (
            Dry,
            401,
            r#"{"error":{"message":"No token provided","type":"new_api_error"}}"#,
            "key refused",
            Failed,
            Some(Level::Key),
        ),
        (
            Dry,
            400,
            r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}"#,
            "key refused",
            Failed,
            Some(Level::Key),
        ),
        (
            Dry,
            400,
            r#"{"error":{"code":400,"message":"API key expired. Please renew the API key.","status":"INVALID_ARGUMENT"}}"#,
            "key refused",
            Failed,
            Some(Level::Key),
        ),
        (
            Dry,
            400,
            r#"{"error":{"message":"API key not valid. Please pass a valid API key.","type":"upstream_error","code":400}}"#,
            "route failed",
            Failed,
            Some(Level::Route),
        ),
        (
            Dry,
            403,
            r#"{"error":{"code":403,"message":"Generative Language API has not been used in project 1 before or it is disabled.","status":"PERMISSION_DENIED"}}"#,
            "account refused",
            Failed,
            Some(Level::Account),
        ),
        (
            Dry,
            403,
            r#"{"error":{"message":"用户额度不足","type":"new_api_error","code":"insufficient_user_quota"}}"#,
            "account refused",
            Failed,
            Some(Level::Account),
        ),
        (
            Dry,
            429,
            r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#,
            "account refused",
            Failed,
            Some(Level::Account),
        ),
        (Dry, 402, r#"{"error":{"message":"pay first"}}"#, "account refused", Failed, Some(Level::Account)),
        (
            Dry,
            429,
            r#"{"error":{"code":429,"message":"* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 0, model: gemini-3.1-flash-image","status":"RESOURCE_EXHAUSTED"}}"#,
            "account refused",
            Failed,
            Some(Level::Account),
        ),
        (Dry, 500, CHANNEL_FAILED, "route failed", Failed, Some(Level::Route)),
        (Dry, 404, INVALID_URL, "route failed", Failed, Some(Level::Route)),
        (
            Dry,
            200,
            r#"{"error":{"message":"nothing came","code":"bad_response_body"}}"#,
            "upstream failed",
            Failed,
            Some(Level::Upstream),
        ),
        (
            Dry,
            503,
            r#"[{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}]"#,
            "upstream failed",
            Failed,
            Some(Level::Upstream),
        ),
        (
            Dry,
            500,
            r#"{"error":{"message":"dial tcp 10.0.0.1:443: connect: connection refused","code":"do_request_failed"}}"#,
            "upstream failed",
            Failed,
            Some(Level::Upstream),
        ),
        (Dry, 500, r#"{"error":{"message":"never heard of"}}"#, "upstream failed", Failed, Some(Level::Upstream)),
        (Dry, 200, WEBSITE, "web page", Failed, Some(Level::Route)),
        (Dry, 524, PAGE_524, "CDN page", Failed, Some(Level::Upstream)),
        (Dry, 502, PAGE_502, "CDN page", Failed, Some(Level::Upstream)),
        (Dry, 500, "<html><title>Oops</title>", "CDN page", Failed, Some(Level::Upstream)),
        (Dry, 403, "<html><title>Just a moment...</title>", "network", Failed, Some(Level::Network)),
    ]);
}

#[test]
fn a_dry_run_that_says_nothing_of_the_route() {
    check(&[
        (Dry, 429, "", "limited", Silent, Some(Level::Account)),
        (
            Dry,
            429,
            r#"{"error":{"code":429,"message":"Resource exhausted","status":"RESOURCE_EXHAUSTED"}}"#,
            "limited",
            Silent,
            Some(Level::Account),
        ),
        (
            Dry,
            503,
            r#"{"error":{"message":"slow down","type":"upstream_error","code":429}}"#,
            "limited",
            Silent,
            Some(Level::Account),
        ),
        (Dry, 429, "error code: 1015", "limited", Silent, Some(Level::Network)),
        (
            Dry,
            400,
            r#"{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}"#,
            "request refused",
            Silent,
            Some(Level::Prompt),
        ),
        (Dry, 200, "{}", "unclear", Silent, None),
        (Dry, 200, "", "unclear", Silent, None),
        (
            Dry,
            200,
            r#"{"candidates":[{"content":{"parts":[{"text":"Hello!"}]},"finishReason":"STOP"}]}"#,
            "dry run answered",
            Accepted,
            None,
        ),
        (Dry, 200, r#"{"created":1,"data":[{"url":"https://h/p.png"}]}"#, "dry run drew", Accepted, None),
    ]);
}

#[test]
fn lists_and_sites() {
    check(&[
        (List, 200, r#"{"models":[{"name":"models/a"}]}"#, "list came", Accepted, None),
        (List, 200, r#"{"models":[]}"#, "empty list", Silent, None),
        (List, 200, "{}", "empty list", Silent, None),
        (List, 200, r#"{"hello":1}"#, "no list", Silent, None),
        (List, 200, NAMELESS, "no list", Failed, Some(Level::Route)),
        (List, 200, r#"{"success":false,"message":"Invalid token"}"#, "key refused", Failed, Some(Level::Key)),
        (List, 401, BAD_TOKEN, "key refused", Failed, Some(Level::Key)),
        (List, 404, INVALID_URL, "not offered", Silent, None),
        (List, 404, PAGE_404, "not offered", Silent, None),
        (List, 404, "404 page not found", "not offered", Silent, None),
        (List, 429, "", "limited", Silent, Some(Level::Account)),
        (List, 200, WEBSITE, "web page", Failed, Some(Level::Route)),
        (List, 502, PAGE_502, "CDN page", Failed, Some(Level::Upstream)),
        (
            Site,
            200,
            r#"{"success":true,"data":{"system_name":"s","quota_per_unit":500000}}"#,
            "site answers",
            Accepted,
            None,
        ),
        (Site, 404, PAGE_404, "not offered", Silent, None),
        (Site, 401, r#"{"success":false,"message":"log in first"}"#, "not open", Silent, None),
        (Site, 200, WEBSITE, "web page", Failed, Some(Level::Route)),
        (Site, 521, "<html><title>h | 521: Web server is down</title>", "CDN page", Failed, Some(Level::Network)),
    ]);
}

#[test]
fn the_images_route_says_which_error_it_is() {
    let by_another = r#"{"error":{"message":"Model nano-banana-2 is not supported on /v1/images/generations or /v1/images/edits. Use another.","type":"invalid_request_error"}}"#;
    check(&[
        (Images, 400, OUTPUT_OPTIONS, "output options", Failed, Some(Level::Route)),
        (Images, 500, ONLY_IMAGEN, "only imagen", Failed, Some(Level::Route)),
        (Images, 500, CHANNEL_FAILED, "no channel", Failed, Some(Level::Route)),
        (Images, 400, by_another, "not supported", Failed, Some(Level::Route)),
        (Images, 404, INVALID_URL, "not offered", Failed, Some(Level::Route)),
        (Images, 503, NO_CHANNEL, "not mapped for this key", Failed, Some(Level::Model)),
        (Images, 429, "", "limited", Silent, Some(Level::Account)),
        (Images, 200, r#"{"created":1,"data":[{"url":"https://h/p.png"}]}"#, "images body", Odd, Some(Level::Reply)),
        (Images, 200, r#"{"created":1,"data":[]}"#, "unclear", Silent, None),
    ]);
}

#[test]
fn a_call_tells_of_the_route_and_not_of_the_prompt() {
    let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x04\0\0\0\x02\x08\x06\0\0\0".as_slice(), &[0; 64]].concat();
    let with = |data: &str| {
        format!(
            r#"{{"candidates":[{{"content":{{"parts":[{{"inlineData":{{"mimeType":"image/png","data":"{data}"}}}}]}},"finishReason":"STOP"}}]}}"#
        )
    };
    let said = |text: &str| {
        format!(r#"{{"candidates":[{{"content":{{"parts":[{{"text":"{text}"}}]}},"finishReason":"STOP"}}]}}"#)
    };
    let ended = |reason: &str| format!(r#"{{"candidates":[{{"finishReason":"{reason}"}}]}}"#);
    check(&[
        (Call, 200, with(&b64::encode(&png)).as_str(), "image", Picture, None),
        (Call, 200, with("AAAAAAAA").as_str(), "image", Odd, Some(Level::Reply)),
        (Call, 200, said("![image](https://h/p.png)").as_str(), "image_link", Odd, Some(Level::Reply)),
        (Call, 200, r#"{"created":1,"data":[{"url":"https://h/p.png"}]}"#, "wrong_shape", Odd, Some(Level::Reply)),
        (Call, 200, ended("IMAGE_SAFETY").as_str(), "blocked", Silent, Some(Level::Prompt)),
        (Call, 200, ended("NO_IMAGE").as_str(), "no_image", Silent, Some(Level::Reply)),
        (Call, 200, ended("OTHER").as_str(), "no_image", Silent, Some(Level::Reply)),
        (Call, 200, said("I cannot do that for safety.").as_str(), "text", Silent, Some(Level::Reply)),
        (
            Call,
            200,
            r#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}}"#,
            "blocked",
            Silent,
            Some(Level::Prompt),
        ),
        (Call, 500, r#"{"error":{"message":"contents is required"}}"#, "gateway_error", Silent, Some(Level::Prompt)),
        (
            Call,
            400,
            r#"{"error":{"code":400,"message":"bad ratio","status":"INVALID_ARGUMENT"}}"#,
            "upstream_error",
            Silent,
            Some(Level::Prompt),
        ),
        (Call, 413, "", "gateway_error", Silent, Some(Level::Prompt)),
        (Call, 429, "", "limited", Silent, Some(Level::Account)),
        (Call, 404, INVALID_URL, "gateway_error", Failed, Some(Level::Route)),
        (
            Call,
            404,
            r#"{"error":{"code":404,"message":"gone","type":"upstream_error"}}"#,
            "upstream_error",
            Failed,
            Some(Level::Model),
        ),
        (Call, 400, OUTPUT_OPTIONS, "upstream_error", Failed, Some(Level::Route)),
        (Call, 524, PAGE_524, "gateway_error", Failed, Some(Level::Upstream)),
        (Call, 200, WEBSITE, "not_json", Failed, Some(Level::Route)),
    ]);
}

#[test]
fn endings_without_a_reply() {
    let refused = Ending::NotSent("tcp connect error: Connection refused (os error 111)".into());
    for (ask, ending, class, finding, level, known) in [
        (Dry, &refused, "network", Failed, Some(Level::Network), Some("refused")),
        (Call, &refused, "network", Failed, Some(Level::Network), Some("refused")),
        (List, &Ending::NoReply("gone".into()), "network", Failed, Some(Level::Network), None),
        (Site, &Ending::TimedOut("20 s".into()), "timeout", Failed, Some(Level::Upstream), None),
        (Call, &Ending::TimedOut("20 s".into()), "timeout", Failed, Some(Level::Upstream), None),
        (Images, &Ending::Cut("half".into()), "cut", Failed, Some(Level::Network), None),
        (Call, &Ending::Cut("half".into()), "cut", Failed, Some(Level::Network), None),
        (Call, &Ending::Cancelled { sent: true }, "cancelled", Silent, None, None),
        (Dry, &Ending::Interrupted, "interrupted", Silent, None, None),
    ] {
        let got = judged_at_the_end(ask, None, b"", ending);
        let facts = (&*got.class, got.finding, got.level, got.known.as_deref());
        assert_eq!(facts, (class, finding, level, known), "{ask:?} {ending:?}");
    }
    let cut = Ending::Cut("half".into());
    assert_eq!(judged_at_the_end(Dry, Some(503), NO_CHANNEL.as_bytes(), &cut).level, Some(Level::Model));
}

#[test]
fn pages_of_lists_give_bare_ids_and_the_next_token() {
    let gemini = r#"{"models":[{"name":"models/a","id":9},{"name":"b"},{"name":""},{}],"nextPageToken":"t"}"#;
    let openai = r#"{"object":"list","success":true,"data":[{"id":"x/y","name":"For people"},{"id":"z"}]}"#;
    for (body, ids, next) in [
        (gemini, vec!["a", "b"], Some("t")),
        (openai, vec!["x/y", "z"], None),
        (r#"{"data":["s",3]}"#, vec!["s"], None),
        (r#"[{"id":"q"}]"#, vec!["q"], None),
        (r#"{"models":null,"nextPageToken":""}"#, vec![], None),
    ] {
        let seen = Seen { status: Some(200), body: body.as_bytes(), ending: &Ending::Complete };
        let (judged, page) = model_list(&Catalog::builtin(), &seen);
        assert_eq!((judged.count, page.next.as_deref()), (Some(ids.len()), next), "{body}");
        assert_eq!(page.ids, ids, "{body}");
    }
}

#[test]
fn the_sites_units_must_be_a_price() {
    for (units, read) in [("500000", Some(500_000.0)), ("0", None), ("-1", None), ("\"many\"", None), ("1e999", None)] {
        let body = format!(r#"{{"success":true,"data":{{"quota_per_unit":{units}}}}}"#);
        let seen = Seen { status: Some(200), body: body.as_bytes(), ending: &Ending::Complete };
        assert_eq!(site(&Catalog::builtin(), &seen).1, read, "{units}");
    }
}

#[test]
fn reasons_are_short_and_keep_the_servers_words() {
    let long = "é".repeat(100_000);
    for body in [format!(r#"{{"error":{{"message":"{long}"}}}}"#), format!(r#"{{"detail":"{long}"}}"#), long.clone()] {
        for ask in [Dry, List, Site, Images, Call] {
            let reason = judged(ask, 500, &body).reason;
            assert!(
                reason.chars().count() <= 400 && (matches!(ask, Call) || reason.contains('é')),
                "{ask:?}: {reason}"
            );
        }
    }
    let got = judged(Dry, 503, NO_CHANNEL);
    assert!(got.reason.contains("No available channel for model m"), "{}", got.reason);
    assert_eq!((got.known.as_deref(), got.request_id.as_deref()), (Some("no-channel"), Some("r1")));
    assert_eq!(judged(Dry, 200, WEBSITE).known.as_deref(), Some("web-page"));
}

#[test]
fn advice_comes_from_the_table_else_from_the_level() {
    let catalog = Catalog::builtin();
    let entry = &catalog.known_error_by_id("cdn-524").expect("an entry").advice;
    assert_eq!(&advice(&catalog, Some("cdn-524"), Some(Level::Upstream), Kind::Generate), entry);
    for word in ["network", "key", "account", "model", "route", "upstream", "prompt", "reply"] {
        for kind in Kind::ALL {
            assert!(
                !advice(&catalog, Some("of a later version"), Level::parse(word), kind).is_empty(),
                "{word} {kind:?}"
            );
        }
    }
    assert_eq!(advice(&catalog, None, None, Kind::Site), "");
}
