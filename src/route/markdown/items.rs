//! The four items of the table, and what each route of a model says on them.

use super::Sheet;
use super::cell::{code, word};
use super::voice::{Voice, Weight};
use crate::route::age::{self, Age};
use crate::route::claims::Claims;
use crate::route::evidence::{Evidence, Finding, Kind, Source};
use crate::route::money::{Costs, Money};
use crate::route::standing::{Standing, brought};
use crate::route::table::Row;
use crate::wire::request::bare_model;
use jiff::Timestamp;

const ALIAS: &str = "Alias mapping";
const NATIVE: &str = "Native Gemini generateContent";
const BILLING: &str = "Native-path billing";
const IMAGES: &str = "OpenAI Images POST /v1/images/generations";

/// An item of the table: its name, what is said on it, and how to find out where nothing is.
pub type Item = (&'static str, Vec<Voice>, &'static str);

/// The routes of one model, under any of its names.
pub struct Group<'a> {
    /// What the names come to.
    pub id: &'a str,
    pub rows: Vec<&'a Row>,
    pub claims: &'a Claims,
    pub sheet: &'a Sheet<'a>,
}

impl Group<'_> {
    /// Whether anything was seen or is claimed of it.
    pub fn is_known(&self) -> bool {
        self.rows.iter().any(|row| !row.evidence.is_empty())
    }
}

impl Group<'_> {
    /// The items in the order of the table.
    pub fn items(&self) -> [Item; 4] {
        let native = |says: &dyn Fn(&Row) -> Option<Voice>| -> Vec<Voice> {
            self.rows.iter().filter(|row| row.id.kind.is_native()).filter_map(|row| says(row)).collect()
        };
        let claimed = |mut voices: Vec<Voice>, item: &str| -> Vec<Voice> {
            voices.extend(self.claimed(item));
            voices
        };
        [
            (
                ALIAS,
                claimed(native(&|row| self.mapping(row)), ALIAS),
                "no picture yet whose reply names its model: send a prompt, or run `unpeel routes --probe-paid`",
            ),
            (
                NATIVE,
                native(&|row| self.standing(row)),
                "nothing seen yet: send a prompt, or run `unpeel routes --probe` for free",
            ),
            (
                BILLING,
                claimed(native(&|row| self.billing(row)), BILLING),
                "no booking seen yet: run `unpeel routes --probe-paid`, or set `spend.reconcile`",
            ),
            (IMAGES, self.images(), "not tried yet: run `unpeel routes --probe-images`"),
        ]
    }

    /// Whether the server serves the model that was asked for, by the newest picture that says so; one that was asked
    /// for by an alias comes first.
    fn mapping(&self, row: &Row) -> Option<Voice> {
        let pictures = own(row).filter(|seen| seen.finding == Finding::Picture).enumerate();
        let telling = |(at, seen): &(usize, &Evidence)| (reported(seen).is_some(), asked(seen) != self.id, *at);
        let (_, seen) = pictures.max_by_key(telling)?;
        let (asked, sent) = (asked(seen), bare_model(&seen.route.model));
        let (stale, old) = self.age(seen.at);
        let place = format!("in {}{old}", self.place(row, seen));
        let (weight, status, text) = match reported(seen) {
            None => (Weight::Undecided, "unknown", format!("the reply to {} names no model, {place}", word(asked))),
            Some(reported) if reported == self.id && asked == self.id => {
                (Weight::Seen, "confirmed", format!("{}, asked by its id and reported, {place}", word(asked)))
            }
            Some(reported) if reported == self.id => {
                let way = if asked == sent { "sent -> reported" } else { "asked -> sent -> reported" };
                (Weight::Seen, "confirmed", format!("{} -> {}, {way}, {place}", word(asked), word(reported)))
            }
            // An alias that comes back says nothing of what stands behind it.
            Some(reported) if self.sheet.catalog.resolve(reported) == self.id => {
                (Weight::Undecided, "unknown", format!("the reply only repeats {}, {place}", word(reported)))
            }
            Some(reported) => {
                let names = [asked, sent, reported].map(word);
                let text = format!("asked {}, sent {}, reported {}, {place}", names[0], names[1], names[2]);
                (Weight::Seen, "differs", text)
            }
        };
        Some(Voice::new(weight, status, stale, text, seen))
    }

    /// Where the route stands on the ladder.
    pub fn standing(&self, row: &Row) -> Option<Voice> {
        let judgement = &row.judgement;
        let seen = judgement.decided_by.as_ref()?;
        let way = if row.id.kind == Kind::Stream { "over streamGenerateContent " } else { "" };
        let (day, old) = (self.day(seen.at), self.age(seen.at).1);
        let retest = format!("{way}in the {day} {} retest{old}", self.place(row, seen));
        let reason = code(&judgement.reason);
        let works = if row.id.kind.is_native() { "recommended" } else { "answers" };
        let failing =
            judgement.level.map_or_else(|| "failing".to_owned(), |level| format!("failing ({})", level.word()));
        let (weight, status, text) = match judgement.standing {
            Standing::Unknown => return None,
            Standing::Claimed => return Some(Voice::claim(seen)),
            Standing::Configured => {
                (Weight::Half, "configured", format!("accepted a dry run {retest}, no picture was asked for yet"))
            }
            Standing::Proven => (Weight::Seen, works, format!("succeeded {retest}")),
            Standing::Degraded => (Weight::Seen, "degraded", format!("degraded {retest}: {reason}")),
            Standing::Failing => (Weight::Seen, failing.as_str(), format!("failed {retest}: {reason}")),
        };
        Some(Voice::new(weight, status, judgement.stale, text, seen))
    }

    /// What the newest booking says beside what was expected.
    fn billing(&self, row: &Row) -> Option<Voice> {
        let booked = |seen: &Evidence| seen.observed_usd.is_some_and(|usd| usd > 0.0);
        let priced: Vec<&Evidence> = own(row).filter(|seen| brought(seen) || booked(seen)).collect();
        let money = |seen: &Evidence| costs(seen).money(self.sheet.rules.drift);
        let seen = priced.iter().rfind(|seen| money(seen) != Money::Unknown).or(priced.last())?;
        let (weight, status) = match money(seen) {
            Money::Aligned => (Weight::Seen, "currently normal"),
            Money::Above | Money::Below => (Weight::Seen, "drifted"),
            Money::Unknown => (Weight::Undecided, "unknown"),
        };
        let (stale, old) = self.age(seen.at);
        let text = format!("{} in {}{old}", costs(seen).sentence(), self.place(row, seen));
        Some(Voice::new(weight, status, stale, text, seen))
    }

    /// What documents say on an item that is no route, where one of the rows is where they speak of.
    fn claimed(&self, item: &str) -> Vec<Voice> {
        let about = self
            .claims
            .all()
            .iter()
            .filter(|claim| claim.kind.is_none() && claim.item == item && claim.names(self.id, self.sheet.catalog));
        let here = about.filter_map(|claim| {
            let mut seen = self.rows.iter().flat_map(|row| row.evidence.iter().map(move |seen| (row, seen)));
            let (row, seen) = seen.find(|(row, seen)| claim.is_about(&row.environment, &seen.origin))?;
            Some(Voice::claim(&claim.evidence(row.id.clone(), &seen.origin)))
        });
        here.collect()
    }

    /// The environment, with the profile where several share it.
    pub fn place(&self, row: &Row, seen: &Evidence) -> String {
        let environment = if seen.environment.is_empty() { &row.environment } else { &seen.environment };
        let profile = word(&row.id.profile);
        let shares = |other: &&Row| other.environment == *environment && other.id.profile != row.id.profile;
        match environment.is_empty() {
            true => format!("profile {profile}"),
            false if self.rows.iter().any(shares) => format!("{}/{profile}", word(environment)),
            false => word(environment),
        }
    }

    /// The day in the sheet's zone.
    pub fn day(&self, at: Timestamp) -> String {
        age::day(at, self.sheet.utc_offset)
    }

    /// Whether something is stale, and then how to say so after a place.
    pub fn age(&self, at: Timestamp) -> (bool, String) {
        match Age::of(at, self.sheet.now) {
            Age::Ahead => (true, ", dated ahead of the clock".to_owned()),
            Age::Seconds(seconds) if seconds > i64::from(self.sheet.rules.stale_days) * 86_400 => {
                (true, format!(", {} days ago", seconds / 86_400))
            }
            Age::Seconds(_) => (false, String::new()),
        }
    }
}

/// What was observed, claims left out.
pub fn own(row: &Row) -> impl Iterator<Item = &Evidence> {
    row.evidence.iter().filter(|seen| seen.source != Source::Documentation)
}

/// What came without a picture should not have been booked.
fn costs(seen: &Evidence) -> Costs {
    let costs = Costs::of(seen);
    if brought(seen) { costs } else { Costs { expected: Some(0.0), ..costs } }
}

fn asked(seen: &Evidence) -> &str {
    bare_model(seen.model_asked.as_deref().unwrap_or(&seen.route.model).trim())
}

fn reported(seen: &Evidence) -> Option<&str> {
    seen.model_reported.as_deref().map(|model| bare_model(model.trim())).filter(|model| !model.is_empty())
}
