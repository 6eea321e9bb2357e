//! Whole tables, from what was noted to the Markdown.

use super::*;
use crate::catalog::Level;
use crate::route::{Finding, Kind, Place, RouteId, Routes};
use std::sync::Arc;

const ID: &str = "gemini-3.1-flash-image-preview";
const HOSTED: &str = "https://api.crazyrouter.com";
const LOCAL: &str = "http://127.0.0.1:4000";

fn at(time: &str) -> Timestamp {
    time.parse().expect("a time")
}

fn route(profile: &str, kind: Kind, model: &str) -> RouteId {
    RouteId { profile: profile.into(), kind, model: model.into() }
}

/// Routes that are expected: profile, environment, origin, kind, model.
fn routes(claims: Claims, places: &[(&str, &str, &str, Kind, &str)]) -> Routes {
    let mut routes = Routes::new(Rules::default(), Arc::new(claims));
    for (profile, environment, origin, kind, model) in places {
        let (environment, origin) = ((*environment).to_owned(), (*origin).to_owned());
        let place = Place { id: route(profile, *kind, model), environment, origin };
        routes.expect(place, &Catalog::builtin());
    }
    routes
}

fn written(routes: &Routes) -> String {
    let catalog = Catalog::builtin();
    let now = at("2026-11-22T23:05:00Z");
    let sheet = Sheet { now, utc_offset: 0, catalog: &catalog, rules: routes.rules() };
    markdown(&routes.rows(now, &catalog), routes.claims(), &sheet)
}

/// The four status cells.
fn statuses(page: &str) -> Vec<&str> {
    let rows = page.lines().filter(|line| line.starts_with("| ")).skip(2);
    rows.map(|row| row.split(" | ").nth(1).unwrap_or_default()).collect()
}

fn picture(id: &str, profile: &str, environment: &str, origin: &str) -> Evidence {
    let new =
        Evidence::new(id.into(), route(profile, Kind::Generate, ID), at("2026-11-22T22:00:00Z"), Source::PaidProbe);
    Evidence {
        environment: environment.into(),
        origin: origin.into(),
        status: Some(200),
        class: "image".into(),
        finding: Finding::Picture,
        model_asked: Some("nano-banana-2".into()),
        model_reported: Some(ID.into()),
        request_id: Some("2026112222000012".into()),
        expected_usd: Some(0.067),
        observed_usd: Some(0.067),
        ..new
    }
}

fn refused(id: &str, profile: &str, environment: &str, origin: &str, known: &str, reason: &str) -> Evidence {
    let images = route(profile, Kind::Images, "nano-banana-2");
    Evidence {
        environment: environment.into(),
        origin: origin.into(),
        status: Some(500),
        class: "refused".into(),
        finding: Finding::Failed,
        level: Some(Level::Route),
        reason: reason.into(),
        known: Some(known.into()),
        ..Evidence::new(id.into(), images, at("2026-11-22T22:30:00Z"), Source::PaidProbe)
    }
}

fn both_places() -> Routes {
    routes(
        Claims::builtin(),
        &[
            ("production", "production", HOSTED, Kind::Generate, ID),
            ("production", "production", HOSTED, Kind::Images, "nano-banana-2"),
            ("local", "local 4000", LOCAL, Kind::Generate, ID),
            ("local", "local 4000", LOCAL, Kind::Images, "nano-banana-2"),
        ],
    )
}

#[test]
fn the_pages_situation_gives_the_pages_rows() {
    let mut routes = both_places();
    routes.observe(picture("call-1", "production", "production", HOSTED));
    let errors = [
        ("images-route-output-options", r#"Unknown name "imageOutputOptions" at 'generation_config.image_config'"#),
        ("images-route-only-imagen", "not supported model for image generation"),
        ("get-channel-failed", "get_channel_failed"),
    ];
    for (known, reason) in errors {
        routes.observe(refused(&format!("p-{known}"), "production", "production", HOSTED, known, reason));
        routes.observe(refused(&format!("l-{known}"), "local", "local 4000", LOCAL, known, reason));
    }
    let page = written(&routes);
    assert!(page.starts_with("## nano-banana-2\n\nAs of 2026-11-22 23:05 "), "{page}");
    for line in [
        "| Alias mapping | confirmed | nano-banana-2 -> gemini-3.1-flash-image-preview, \
         asked -> sent -> reported, in production (E1) |",
        "| Native Gemini generateContent | recommended | succeeded in the 2026-11-22 production retest (E1) |",
        "| OpenAI Images POST /v1/images/generations | not recommended | failed in both production and local 4000 \
         retests of 2026-11-22: `Unknown name \"imageOutputOptions\" at 'generation_config.image_config'` (E2, E3), \
         `not supported model for image generation` (E4, E5), `get_channel_failed` (E6, E7) |",
    ] {
        assert!(page.lines().any(|own| own == line), "{line}\n{page}");
    }
    assert!(page.contains("\n| Native-path billing | currently normal | expected $0.067, booked $0.067"), "{page}");
    let first = page.lines().find(|line| line.starts_with("- E1: ")).expect("the list");
    for said in ["`call-1`", "2026-11-22 22:00", "production", "api.crazyrouter.com", "paid probe", "HTTP 200", "image"]
    {
        assert!(first.contains(said), "{said} in {first}");
    }
    assert!(first.ends_with("request id `2026112222000012`"), "{first}");
    assert_eq!(page.lines().filter(|line| line.starts_with("- E")).count(), 7);
}

#[test]
fn all_rows_come_even_when_nothing_is_known() {
    let none = routes(Claims::default(), &[("p", "staging", "https://h.example", Kind::Generate, "of-tomorrow")]);
    let page = written(&none);
    assert_eq!(statuses(&page), ["unknown"; 4]);
    assert!(page.starts_with("## of-tomorrow\n") && !page.contains("Evidence:"), "{page}");
    assert!(written(&Routes::default()).contains("no route of a model is known yet"));
}

#[test]
fn claims_are_shown_as_claims() {
    let page = written(&both_places());
    let pages = ["confirmed", "recommended", "currently normal", "not recommended"];
    assert_eq!(statuses(&page), pages.map(|status| format!("claimed: {status}")));
    let said =
        "documentation of 2026-04-14 for production, not proven here: `succeeded in the 2026-04-14 production retest";
    assert!(page.contains(said), "{page}");
    assert_eq!(page.lines().filter(|line| line.contains(", documentation, ")).count(), 5);
}

#[test]
fn an_alias_is_confirmed_by_what_the_server_reports_alone() {
    for (asked, reported, status, note) in [
        ("nano-banana-2", Some(ID), "confirmed", "asked -> sent -> reported"),
        (ID, Some("models/gemini-3.1-flash-image-preview"), "confirmed", "asked by its id"),
        ("nano-banana-2", None, "unknown", "names no model"),
        ("nano-banana-2", Some("nano-banana-2"), "unknown", "only repeats nano-banana-2"),
        ("nano-banana-2", Some("gemini-3-pro-image"), "differs", "reported gemini-3-pro-image,"),
    ] {
        let mut routes = routes(Claims::default(), &[("p", "staging", "https://h.example", Kind::Generate, ID)]);
        let (asked, reported) = (Some(asked.to_owned()), reported.map(str::to_owned));
        let seen = picture("1", "p", "staging", "https://h.example");
        routes.observe(Evidence { model_asked: asked, model_reported: reported, ..seen });
        let page = written(&routes);
        assert_eq!(statuses(&page)[0], status, "{page}");
        assert!(page.contains(note), "{note}\n{page}");
    }
}

#[test]
fn environments_that_disagree_are_named() {
    let mut routes = both_places();
    let failed = |id: &str| Evidence {
        finding: Finding::Failed,
        level: Some(Level::Upstream),
        reason: "a | b".into(),
        expected_usd: Some(0.0),
        ..picture(id, "local", "local 4000", LOCAL)
    };
    routes.observe(picture("1", "production", "production", HOSTED));
    routes.observe(failed("2"));
    let page = written(&routes);
    assert_eq!(statuses(&page)[1..3], ["mixed", "mixed"]);
    let said =
        "succeeded in the 2026-11-22 production retest (E1); failed in the 2026-11-22 local 4000 retest: `a \\| b";
    assert!(page.contains(said), "{page}");
}

#[test]
fn old_proof_is_stale_and_a_wrong_booking_is_drift() {
    let mut routes = both_places();
    let old = picture("1", "production", "production", HOSTED);
    routes.observe(Evidence { at: at("2026-11-02T22:00:00Z"), observed_usd: Some(0.2), ..old });
    let page = written(&routes);
    assert_eq!((statuses(&page)[0], statuses(&page)[2]), ("confirmed, stale", "drifted, stale"));
    assert!(page.contains("2026-11-02 production retest, 20 days ago"), "{page}");
}

#[test]
fn nothing_breaks_the_table() {
    let bad = "a|b\n\n## x `y` <b> @me \\| https://evil.example \x1b[2J\u{202e}";
    let mut routes = routes(Claims::default(), &[(bad, bad, "https://h.example", Kind::Generate, bad)]);
    let hostile = Evidence {
        route: route(bad, Kind::Generate, bad),
        class: bad.into(),
        model_asked: Some(bad.into()),
        model_reported: Some(format!("{bad}{bad}")),
        request_id: Some(bad.into()),
        reason: bad.into(),
        ..picture(bad, bad, bad, "https://h.example")
    };
    let images = RouteId { kind: Kind::Images, ..hostile.route.clone() };
    routes.observe(Evidence { route: images, finding: Finding::Failed, level: Some(Level::Route), ..hostile.clone() });
    routes.observe(hostile);
    let page = written(&routes);
    let table: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(table.len(), 6, "{page}");
    for row in table {
        let bare = row.replace(r"\\", "").replace(r"\|", "").matches('|').count();
        assert_eq!(bare, 4, "{row}");
    }
    assert_eq!(page.lines().filter(|line| line.starts_with('#')).count(), 1, "{page}");
    assert!(!page.contains(|c: char| c != '\n' && crate::text::is_hazard(c)));
}
