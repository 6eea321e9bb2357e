//! What exchanges came to: calls, pictures, tokens and money, together or by session, day or route.

use super::Summary;
use jiff::tz::Offset;
use serde::Serialize;
use std::collections::HashMap;

/// What makes one total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// One run of the program.
    Session,
    /// A calendar day.
    Day,
    /// Profile, kind of call and model.
    Route,
}

/// The sum over some exchanges.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Total {
    /// The session, the day as `2026-11-22`, or the route.
    pub name: String,
    pub calls: usize,
    /// Calls that brought a picture.
    pub pictures: usize,
    pub tokens: u64,
    /// Of the calls whose cost is known.
    pub cost_usd: f64,
    /// Calls at their end that may have cost something nobody knows.
    pub unpriced: usize,
}

impl Total {
    fn named(name: String) -> Total {
        Total { name, ..Total::default() }
    }

    fn add(&mut self, summary: &Summary) {
        self.calls += 1;
        self.pictures += usize::from(summary.has_picture());
        // A reply may claim any number.
        self.tokens = self.tokens.saturating_add(summary.tokens.unwrap_or(0));
        self.cost_usd += summary.cost_usd.unwrap_or(0.0);
        let may_cost = summary.phase.is_final() && summary.charged != "unlikely";
        self.unpriced += usize::from(summary.cost_usd.is_none() && may_cost);
    }
}

/// One total each, in the order in which their first exchange comes. Days are those of a clock `utc_offset` seconds
/// east of UTC; an offset of 26 hours or more, which no place has, counts as none.
pub fn totals<'a>(all: impl IntoIterator<Item = &'a Summary>, by: By, utc_offset: i32) -> Vec<Total> {
    let offset = Offset::from_seconds(utc_offset).unwrap_or(Offset::UTC);
    let mut totals: Vec<Total> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for summary in all {
        let name = match by {
            By::Session => summary.session.clone(),
            By::Day => offset.to_datetime(summary.time).date().to_string(),
            By::Route => summary.route(),
        };
        let place = *places.entry(name).or_insert_with_key(|name| {
            totals.push(Total::named(name.clone()));
            totals.len() - 1
        });
        totals[place].add(summary);
    }
    totals
}

/// The total of all of them, by the name `all`.
pub fn sum<'a>(all: impl IntoIterator<Item = &'a Summary>) -> Total {
    let mut total = Total::named("all".to_owned());
    all.into_iter().for_each(|summary| total.add(summary));
    total
}

#[cfg(test)]
mod tests {
    use super::super::Phase;
    use super::*;

    fn call(time: &str, session: &str, model: &str, cost_usd: Option<f64>) -> Summary {
        Summary {
            time: time.parse().unwrap(),
            session: session.into(),
            profile: "local".into(),
            kind: "generateContent".into(),
            model: model.into(),
            phase: Phase::Done,
            charged: "likely".into(),
            pixels: cost_usd.map(|_| (8, 8)),
            tokens: cost_usd.map(|_| 1290),
            cost_usd,
            ..Summary::default()
        }
    }

    fn three() -> [Summary; 3] {
        [
            call("2026-11-23T00:30:00Z", "b", "flash", Some(0.25)),
            call("2026-11-22T23:30:00Z", "a", "pro", None),
            call("2026-11-22T10:00:00Z", "b", "flash", Some(0.5)),
        ]
    }

    #[test]
    fn each_name_has_its_total_in_the_order_of_the_list() {
        for (by, offset, expected) in [
            (By::Session, 0, vec![("b", 2, 0.75), ("a", 1, 0.0)]),
            (By::Route, 0, vec![("local generateContent flash", 2, 0.75), ("local generateContent pro", 1, 0.0)]),
            (By::Day, 0, vec![("2026-11-23", 1, 0.25), ("2026-11-22", 2, 0.5)]),
            (By::Day, 3600, vec![("2026-11-23", 2, 0.25), ("2026-11-22", 1, 0.5)]),
            (By::Day, -3600, vec![("2026-11-22", 3, 0.75)]),
            (By::Day, i32::MAX, vec![("2026-11-23", 1, 0.25), ("2026-11-22", 2, 0.5)]),
        ] {
            let totals = totals(&three(), by, offset);
            let rows: Vec<_> = totals.iter().map(|total| (total.name.as_str(), total.calls, total.cost_usd)).collect();
            assert_eq!(rows, expected, "{by:?} {offset}");
        }
    }

    #[test]
    fn the_sum_counts_what_may_have_cost_something_unknown() {
        let free = Summary { charged: "unlikely".into(), ..call("2026-11-22T10:00:00Z", "a", "pro", None) };
        let live = Summary { phase: Phase::Waiting, charged: String::new(), ..free.clone() };
        let lost = Summary { phase: Phase::Interrupted, charged: "unknown".into(), ..free.clone() };
        let liar = Summary { tokens: Some(u64::MAX), ..free.clone() };
        let [first, second, third] = three();
        let total = sum(&[first, second, third, free, live, lost, liar]);
        let expected =
            Total { name: "all".into(), calls: 7, pictures: 2, tokens: u64::MAX, cost_usd: 0.75, unpriced: 2 };
        assert_eq!(total, expected);
        assert_eq!(sum(&[]), Total::named("all".into()));
    }
}
