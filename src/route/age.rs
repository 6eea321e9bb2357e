//! How long ago something was, and when, for people; clocks that were wrong give no nonsense.

use jiff::Timestamp;
use jiff::tz::Offset;

/// A time that is further ahead than this is no matter of seconds between two machines.
const TOLERANCE_S: i64 = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    Seconds(i64),
    /// It lies in the future: some clock was wrong.
    Ahead,
}

impl Age {
    pub fn of(then: Timestamp, now: Timestamp) -> Age {
        match now.as_second() - then.as_second() {
            ..0 if then.as_second() - now.as_second() > TOLERANCE_S => Age::Ahead,
            seconds => Age::Seconds(seconds.max(0)),
        }
    }

    /// `now`, `5 min`, `3 h`, `12 d`, `ahead`.
    pub fn short(self) -> String {
        match self {
            Age::Ahead => "ahead".to_owned(),
            Age::Seconds(..60) => "now".to_owned(),
            Age::Seconds(seconds @ 60..3600) => format!("{} min", seconds / 60),
            Age::Seconds(seconds @ 3600..86_400) => format!("{} h", seconds / 3600),
            Age::Seconds(seconds) => format!("{} d", seconds / 86_400),
        }
    }

    /// Whole days; `None` for what lies ahead.
    pub fn days(self) -> Option<i64> {
        match self {
            Age::Seconds(seconds) => Some(seconds / 86_400),
            Age::Ahead => None,
        }
    }
}

/// The day in a zone: `2026-11-22`.
pub fn day(at: Timestamp, utc_offset: i32) -> String {
    at.to_zoned(offset(utc_offset).to_time_zone()).strftime("%Y-%m-%d").to_string()
}

/// Day and time with the zone: `2026-11-22 23:05 +01:00`, `2026-11-22 22:05 UTC`.
pub fn moment(at: Timestamp, utc_offset: i32) -> String {
    let zoned = at.to_zoned(offset(utc_offset).to_time_zone());
    match utc_offset {
        0 => zoned.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        _ => zoned.strftime("%Y-%m-%d %H:%M %:z").to_string(),
    }
}

fn offset(seconds: i32) -> Offset {
    Offset::from_seconds(seconds).unwrap_or(Offset::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn ages_are_short_and_never_negative() {
        for (then, now, shown) in [
            (0, 59, "now"),
            (0, 60, "1 min"),
            (0, 7200, "2 h"),
            (0, 86_400 * 40, "40 d"),
            (100, 0, "now"),
            (301, 0, "ahead"),
        ] {
            assert_eq!(Age::of(at(then), at(now)).short(), shown);
        }
        assert_eq!((Age::of(at(0), at(86_400)).days(), Age::of(at(1000), at(0)).days()), (Some(1), None));
    }

    #[test]
    fn a_moment_names_its_zone() {
        assert_eq!(moment(at(0), 0), "1970-01-01 00:00 UTC");
        assert_eq!(moment(at(0), -3600), "1969-12-31 23:00 -01:00");
        assert_eq!((day(at(0), -3600), day(at(0), i32::MAX)), ("1969-12-31".to_owned(), "1970-01-01".to_owned()));
    }
}
