//! What single routes say on one item of the table, and what that comes to: a status, and notes with marks.

use super::cell::{code, word};
use crate::route::age;
use crate::route::evidence::{Evidence, Source};

/// How much a voice counts. Only the strongest are heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Something was seen that decides nothing.
    Undecided,
    /// Somebody else's words.
    Claim,
    /// Seen, short of a picture.
    Half,
    Seen,
}

/// What one route says on an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Voice {
    pub weight: Weight,
    pub status: String,
    /// It rests on old evidence.
    pub stale: bool,
    pub notes: Vec<Note>,
}

/// Finished Markdown and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    pub text: String,
    pub by: Vec<Evidence>,
}

impl Voice {
    /// A voice with one note, on one piece of evidence.
    pub fn new(weight: Weight, status: &str, stale: bool, text: String, by: &Evidence) -> Voice {
        Voice { weight, status: status.to_owned(), stale, notes: vec![Note { text, by: vec![by.clone()] }] }
    }

    /// What a document says; its status and its notes are foreign.
    pub fn claim(claim: &Evidence) -> Voice {
        let place = word(&claim.environment);
        let day = age::day(claim.at, 0);
        let text = format!("documentation of {day} for {place}, not proven here: {}", code(&claim.reason));
        Voice::new(Weight::Claim, &format!("claimed: {}", word(&claim.class)), false, text, claim)
    }

    fn write(&self, marks: &mut Marks) -> String {
        let notes = self.notes.iter().map(|note| match note.by.as_slice() {
            [] => note.text.clone(),
            by => format!("{} ({})", note.text, by.iter().map(|seen| marks.mark(seen)).collect::<Vec<_>>().join(", ")),
        });
        notes.collect::<Vec<_>>().join(", ")
    }
}

/// Status and notes of an item; `otherwise` says how to find out, where nobody says anything that decides.
pub fn sum_up(mut voices: Vec<Voice>, otherwise: &str, marks: &mut Marks) -> (String, String) {
    let Some(strongest) = voices.iter().map(|voice| voice.weight).max() else {
        return ("unknown".to_owned(), otherwise.to_owned());
    };
    voices.retain(|voice| voice.weight == strongest);
    let stale = if voices.iter().all(|voice| voice.stale) { ", stale" } else { "" };
    let mut notes: Vec<String> = Vec::new();
    for voice in &voices {
        let note = voice.write(marks);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    if strongest == Weight::Undecided {
        notes.push(otherwise.to_owned());
    }
    (format!("{}{stale}", agreed(&voices)), notes.join("; "))
}

/// The status of all, or what to call it that there are several.
fn agreed(voices: &[Voice]) -> &str {
    let first = voices.first().map_or("unknown", |voice| voice.status.as_str());
    if voices.iter().all(|voice| voice.status == first) {
        first
    } else if voices.iter().all(|voice| voice.status.starts_with("failing")) {
        "failing"
    } else if voices.iter().all(|voice| voice.weight == Weight::Claim) {
        "claimed: mixed"
    } else {
        "mixed"
    }
}

/// Short marks for pieces of evidence: E1, E2 and so on.
#[derive(Debug)]
pub struct Marks {
    /// Given before, in tables above.
    before: usize,
    marked: Vec<Evidence>,
}

impl Marks {
    pub fn after(before: usize) -> Marks {
        Marks { before, marked: Vec::new() }
    }

    /// How many were given so far, those above included.
    pub fn count(&self) -> usize {
        self.before + self.marked.len()
    }

    /// Every mark and what it stands for.
    pub fn all(&self) -> impl Iterator<Item = (String, &Evidence)> {
        self.marked.iter().enumerate().map(|(at, seen)| (self.name(at), seen))
    }

    fn mark(&mut self, seen: &Evidence) -> String {
        // One claim may speak of the routes of several profiles.
        let same = |marked: &Evidence| {
            marked.id == seen.id && (marked.route == seen.route || seen.source == Source::Documentation)
        };
        let at = self.marked.iter().position(same).unwrap_or_else(|| {
            self.marked.push(seen.clone());
            self.marked.len() - 1
        });
        self.name(at)
    }

    fn name(&self, at: usize) -> String {
        format!("E{}", self.before + at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{Kind, RouteId};
    use jiff::Timestamp;

    fn voice(weight: Weight, status: &str, stale: bool, id: &str) -> Voice {
        let route = RouteId { profile: "p".into(), kind: Kind::Generate, model: "m".into() };
        let by = Evidence::new(id.into(), route, Timestamp::UNIX_EPOCH, Source::Call);
        Voice::new(weight, status, stale, format!("says {status}"), &by)
    }

    #[test]
    fn the_strongest_voices_are_heard() {
        use Weight::{Claim, Half, Seen, Undecided};
        for (voices, status, notes) in [
            (vec![], "unknown", "ask"),
            (vec![voice(Claim, "a", false, "1"), voice(Half, "b", false, "2")], "b", "says b (E1)"),
            (vec![voice(Seen, "a", false, "1"), voice(Seen, "a", true, "1")], "a", "says a (E1)"),
            (vec![voice(Seen, "a", true, "1")], "a, stale", "says a (E1)"),
            (vec![voice(Undecided, "unknown", false, "1")], "unknown", "says unknown (E1); ask"),
            (vec![voice(Seen, "a", false, "1"), voice(Seen, "b", false, "2")], "mixed", "says a (E1); says b (E2)"),
            (
                vec![voice(Seen, "failing (key)", false, "1"), voice(Seen, "failing (network)", false, "2")],
                "failing",
                "says failing (key) (E1); says failing (network) (E2)",
            ),
        ] {
            let summed = sum_up(voices, "ask", &mut Marks::after(0));
            assert_eq!(summed, (status.to_owned(), notes.to_owned()));
        }
    }

    #[test]
    fn marks_go_on_in_the_next_table() {
        let mut marks = Marks::after(4);
        let (_, notes) = sum_up(vec![voice(Weight::Seen, "a", false, "1")], "", &mut marks);
        assert_eq!((notes.as_str(), marks.count()), ("says a (E5)", 5));
        assert_eq!(marks.all().map(|(mark, seen)| format!("{mark} {}", seen.id)).collect::<Vec<_>>(), ["E5 1"]);
    }
}
