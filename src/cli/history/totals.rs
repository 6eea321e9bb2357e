//! `unpeel history totals`: calls, pictures, tokens and cost, summed by session, day or route.

use super::super::{Shared, output};
use super::{Per, TotalsArgs};
use crate::history::{self, By, Summary, Total};
use crate::text::Safe;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

impl Per {
    fn by(self) -> By {
        match self {
            Per::Session => By::Session,
            Per::Day => By::Day,
            Per::Route => By::Route,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Per::Session => "session",
            Per::Day => "day",
            Per::Route => "route",
        }
    }
}

pub fn totals(shared: &Shared, args: &TotalsArgs) -> anyhow::Result<u8> {
    let filter = super::filter(&args.query.join(" "), shared)?;
    let store = super::reading()?;
    let kept = store.history();
    super::tell(&kept.notes);
    let found: Vec<&Summary> = kept.summaries.iter().filter(|summary| filter.matches(summary)).collect();
    let offset = TimeZone::system().to_offset(Timestamp::now()).seconds();
    let totals = history::totals(found.iter().copied(), args.by.by(), offset);
    let all = history::sum(found.iter().copied());
    if args.json {
        output::json(&json!({"by": args.by.word(), "totals": totals, "all": all}))?;
    } else {
        output::lines(output::table(&rows(args.by, &totals, &all)))?;
    }
    Ok(0)
}

fn rows(per: Per, totals: &[Total], all: &Total) -> Vec<Vec<Safe>> {
    let head = [per.word(), "calls", "pictures", "tokens", "cost", "unpriced"].map(Safe::from).to_vec();
    std::iter::once(head).chain(totals.iter().chain([all]).map(row)).collect()
}

fn row(total: &Total) -> Vec<Safe> {
    let cells = [
        total.name.clone(),
        total.calls.to_string(),
        total.pictures.to_string(),
        total.tokens.to_string(),
        super::usd(Some(total.cost_usd)),
        total.unpriced.to_string(),
    ];
    cells.iter().map(|cell| Safe::of(cell)).collect()
}
