//! `unpeel history gc`: the trash emptied by age, by size or whole, with a dry run.

use super::super::output;
use super::{GcArgs, utc};
use crate::store::{Sweep, Swept, Trashed};
use crate::text::{self, Safe};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;
/// What is removed when no rule is given.
const KEPT_FOR: Duration = Duration::from_secs(30 * DAY);

pub fn gc(args: &GcArgs) -> anyhow::Result<u8> {
    let no_rule = args.older_than.is_none() && args.max_size.is_none() && !args.all;
    let rule = Sweep {
        older_than: if no_rule { Some(KEPT_FOR) } else { args.older_than },
        max_bytes: args.max_size,
        all: args.all,
    };
    // Looking needs no disk that can be written.
    let store = if args.dry_run { super::reading()? } else { super::changing()? };
    let swept = store.sweep(&rule, Timestamp::now(), args.dry_run);
    super::tell(&swept.notes);
    if args.json {
        output::json(&object(&swept, args.dry_run))?;
    } else {
        output::lines(sheet(&swept, args.dry_run))?;
    }
    Ok(0)
}

fn bytes(removed: &[Trashed]) -> u64 {
    removed.iter().map(|thrown| thrown.bytes).sum()
}

fn sheet(swept: &Swept, dry: bool) -> Vec<Safe> {
    let verb = if dry { "would remove" } else { "removed" };
    let line = |thrown: &Trashed| {
        format!("{verb} {} {} bytes, in the trash since {} UTC", thrown.id, thrown.bytes, utc(thrown.since))
    };
    let leftovers = swept.leftovers.iter().map(|path| format!("{verb} {}, never finished", path.display()));
    let sum = format!(
        "{verb} {}, {}; {} kept",
        text::count(swept.removed.len(), "exchange"),
        text::bytes(bytes(&swept.removed)),
        swept.kept.len()
    );
    swept.removed.iter().map(line).chain(leftovers).chain([sum]).map(|line| Safe::of(&line)).collect()
}

fn object(swept: &Swept, dry: bool) -> Value {
    let one = |thrown: &Trashed| json!({"id": thrown.id, "since": thrown.since.to_string(), "bytes": thrown.bytes});
    json!({
        "dryRun": dry,
        "removed": swept.removed.iter().map(one).collect::<Vec<_>>(),
        "kept": swept.kept.len(),
        "bytes": bytes(&swept.removed),
        "leftovers": swept.leftovers.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>(),
    })
}

/// `12h`, `30d` or `2w`. No unit is an `m`: some mean minutes by it and some months.
pub fn age(text: &str) -> Result<Duration, String> {
    let units = [("h", HOUR), ("d", DAY), ("w", 7 * DAY)];
    let seconds = quantity(text, &units).map(Duration::from_secs);
    seconds.ok_or_else(|| format!("{text:?} is no age; write a whole number and a unit, for example 12h, 30d or 2w"))
}

/// `800K`, `500M` or `2G`, with or without a `B`; a plain number is bytes.
pub fn size(text: &str) -> Result<u64, String> {
    let units = [("", 1), ("k", 1_000), ("m", 1_000_000), ("g", 1_000_000_000), ("t", 1_000_000_000_000)];
    let plain = text.strip_suffix(['B', 'b']).unwrap_or(text);
    let bytes = quantity(plain, &units);
    bytes.ok_or_else(|| format!("{text:?} is no size; write a whole number and a unit, for example 800K, 500M or 2G"))
}

/// A whole number times its unit; `None` for anything else, and for what is too large to count.
fn quantity(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let (number, unit) = text.split_at(text.len() - digits.len());
    let (_, factor) = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()))?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_sizes_are_a_number_and_a_unit() {
        for (text, seconds) in [("30d", 30 * DAY), ("12h", 12 * HOUR), ("2w", 14 * DAY), ("5 D", 5 * DAY), ("0d", 0)] {
            assert_eq!(age(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for (text, bytes) in [("500M", 500_000_000), ("2G", 2_000_000_000), ("800kB", 800_000), ("7", 7), ("0", 0)] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for wrong in ["", "d", "30", "3m", "-1d", "1.5h", "30 days", "99999999999999999999w", "ten d", "٣d"] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "M", "-1", "1.5G", "2X", "99999999999T"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
