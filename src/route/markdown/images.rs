//! What the images route was refused with: the same errors of several environments in one note.

use super::cell::code;
use super::items::{Group, own};
use super::voice::{Note, Voice, Weight};
use crate::catalog::Level;
use crate::route::evidence::{Evidence, Finding, Kind};
use crate::route::standing::{Standing, brought, words};
use crate::route::table::Row;
use crate::text::count;
use std::collections::BTreeSet;

/// Different errors of the images route that are told; earlier ones are counted.
const MOST_ERRORS: usize = 5;

impl Group<'_> {
    /// Routes that fail as documented speak with one voice.
    pub fn images(&self) -> Vec<Voice> {
        let rows = self.rows.iter().copied().filter(|row| row.id.kind == Kind::Images);
        let (broken, others): (Vec<&Row>, Vec<&Row>) = rows
            .partition(|row| row.judgement.standing == Standing::Failing && row.judgement.level == Some(Level::Route));
        let others = others.into_iter().filter_map(|row| self.standing(row));
        self.broken(&broken).into_iter().chain(others).collect()
    }

    fn broken(&self, rows: &[&Row]) -> Option<Voice> {
        let mut errors: Vec<(&str, Vec<&Evidence>)> = Vec::new();
        let (mut places, mut days) = (Vec::new(), BTreeSet::new());
        for row in rows {
            for seen in refusals(row) {
                let name = seen.known.as_deref().unwrap_or_else(|| words(seen));
                match errors.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, by)) => {
                        by.retain(|older| older.route != seen.route);
                        by.push(seen);
                    }
                    None => errors.push((name, vec![seen])),
                }
                days.insert(self.day(seen.at));
                let place = self.place(row, seen);
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        let newest = errors.iter().flat_map(|(_, by)| by).map(|seen| seen.at).max()?;
        let (stale, old) = self.age(newest);
        let more = errors.len().saturating_sub(MOST_ERRORS);
        let told = errors.iter().skip(more).filter_map(|(_, by)| {
            Some(Note { text: code(words(by.last()?)), by: by.iter().map(|seen| (*seen).clone()).collect() })
        });
        let mut notes: Vec<Note> = told.collect();
        if let Some(first) = notes.first_mut() {
            first.text = format!("failed in {}{old}: {}", retests(&places, &days), first.text);
        }
        notes.extend(
            (more > 0).then(|| Note { text: format!("and {} before", count(more, "other error")), by: Vec::new() }),
        );
        Some(Voice { weight: Weight::Seen, status: "not recommended".to_owned(), stale, notes })
    }
}

/// `the 2026-11-22 production retest`, `both production and local retests of 2026-11-20 to 2026-11-22`.
fn retests(places: &[String], days: &BTreeSet<String>) -> String {
    let days: Vec<&str> = days.iter().map(String::as_str).collect();
    let span = match days.as_slice() {
        [first, .., last] => format!("{first} to {last}"),
        days => days.concat(),
    };
    match places {
        [place] if days.len() == 1 => format!("the {span} {place} retest"),
        [one, other] => format!("both {one} and {other} retests of {span}"),
        [more @ .., last] if !more.is_empty() => format!("{} and {last} retests of {span}", more.join(", ")),
        places => format!("{} retests of {span}", places.concat()),
    }
}

/// What the route was refused with since it last answered.
fn refusals(row: &Row) -> Vec<&Evidence> {
    let mut own: Vec<&Evidence> = own(row).collect();
    let answered = own.iter().rposition(|seen| brought(seen) || seen.finding == Finding::Accepted);
    own.drain(..answered.map_or(0, |at| at + 1));
    own.retain(|seen| seen.finding == Finding::Failed && seen.level == Some(Level::Route));
    own
}
