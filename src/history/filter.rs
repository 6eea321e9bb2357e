//! A query over the history: parsed once, then asked of every summary as it stands, without copies of its text.

use super::Summary;
use jiff::civil::Date;
use jiff::tz::Offset;
use memchr::memchr2_iter;

/// What a summary must have to be listed; all terms at once, in any case of letters. The default matches all.
///
/// | term | asks for |
/// | --- | --- |
/// | `fox` `"red fox"` | text of prompt, id, model, profile, verdict, reason, request id, tag, note; the whole status |
/// | `verdict:blocked,no_image` | one of these words |
/// | `profile:` `tag:` | the whole name |
/// | `model:` `route:` `id:` `parent:` `session:` | a part of it |
/// | `is:star` `is:live` `is:picture` | a star; an exchange under way; a picture that came |
/// | `rating:3` | this rating or a better one |
/// | `since:2026-11-01` `until:2026-11-30` | these days in UTC and all after, or before |
///
/// A `-` before a term turns it round. Commas separate values of which one is enough. Quotes hold what has spaces,
/// commas or a colon (`model:"a b"`); inside, `\"` is a quote and `\\` a backslash. A quote that is not closed ends
/// with the query, a term without a value asks for nothing, and an unknown word before a colon is plain text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    terms: Vec<Term>,
}

/// Why a query means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// After `rating:`.
    #[error("rating:{value:?} is no rating; give a number from 0 to 5, as in rating:3")]
    Rating {
        /// As it was given.
        value: String,
    },
    /// After `since:` or `until:`.
    #[error("{key}:{value:?} is no date; give year, month and day in UTC, as in {key}:2026-11-30")]
    Date {
        /// `since` or `until`.
        key: &'static str,
        /// As it was given.
        value: String,
    },
    /// After `is:`.
    #[error("is:{value:?} is unknown; there are is:star, is:live and is:picture")]
    Is {
        /// As it was given.
        value: String,
    },
}

impl Filter {
    /// Reads a query.
    ///
    /// # Errors
    ///
    /// For a rating, a date or an `is:` that means nothing; any other text is a query.
    pub fn parse(query: &str) -> Result<Filter, FilterError> {
        let mut terms = Vec::new();
        let mut rest = query.trim_start();
        while !rest.is_empty() {
            let (term, after) = Term::take(rest)?;
            terms.extend(term);
            rest = after.trim_start();
        }
        Ok(Filter { terms })
    }

    /// Whether the summary has what every term asks for.
    pub fn matches(&self, summary: &Summary) -> bool {
        self.terms.iter().all(|term| term.any.iter().any(|check| check.holds(summary)) != term.negated)
    }

    /// Whether it asks for nothing.
    pub fn is_all(&self) -> bool {
        self.terms.is_empty()
    }
}

/// The value as a query must have it to mean exactly this text, as in `format!("tag:{}", quote(tag))`.
pub fn quote(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\""))
}

#[derive(Clone, Debug, PartialEq)]
struct Term {
    negated: bool,
    /// One is enough; never empty.
    any: Vec<Check>,
}

impl Term {
    /// Takes a term off the front of a text that is neither empty nor begins with a space.
    fn take(text: &str) -> Result<(Option<Term>, &str), FilterError> {
        let (negated, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (read, values, rest) = match take_key(text) {
            Some((read, rest)) => {
                let (values, rest) = take_values(rest);
                (read, values, rest)
            }
            None => {
                let (word, rest) = take_value(text, char::is_whitespace);
                (Check::anywhere as Read, vec![word], rest)
            }
        };
        let given = values.iter().filter(|value| !value.is_empty());
        let any = given.map(|value| read(value)).collect::<Result<Vec<Check>, FilterError>>()?;
        Ok(((!any.is_empty()).then_some(Term { negated, any }), rest))
    }
}

/// Makes a check of a value.
type Read = fn(&str) -> Result<Check, FilterError>;

static KEYS: [(&str, Read); 12] = [
    ("verdict", |value| Ok(Check::Verdict(Needle::new(value)))),
    ("model", |value| Ok(Check::Model(Needle::new(value)))),
    ("profile", |value| Ok(Check::Profile(Needle::new(value)))),
    ("route", |value| Ok(Check::Route(Needle::new(value)))),
    ("tag", |value| Ok(Check::Tag(Needle::new(value)))),
    ("id", |value| Ok(Check::Id(Needle::new(value)))),
    ("parent", |value| Ok(Check::Parent(Needle::new(value)))),
    ("session", |value| Ok(Check::Session(Needle::new(value)))),
    ("is", Check::is),
    ("rating", Check::rating),
    ("since", |value| date("since", value).map(Check::Since)),
    ("until", |value| date("until", value).map(Check::Until)),
];

fn take_key(text: &str) -> Option<(Read, &str)> {
    let (name, rest) = text.split_once(':')?;
    let (_, read) = KEYS.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some((*read, rest))
}

fn take_values(mut text: &str) -> (Vec<String>, &str) {
    let mut values = Vec::new();
    loop {
        let (value, rest) = take_value(text, |c| c == ',' || c.is_whitespace());
        values.push(value);
        match rest.strip_prefix(',') {
            Some(more) => text = more,
            None => return (values, rest),
        }
    }
}

/// A value in quotes up to the closing one, any other up to the first character that ends it.
fn take_value(text: &str, ends: fn(char) -> bool) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' if quoted[at + 1..].starts_with(['"', '\\']) => value.extend(chars.next().map(|(_, escaped)| escaped)),
            _ => value.push(c),
        }
    }
    (value, "")
}

fn date(key: &'static str, value: &str) -> Result<Date, FilterError> {
    // A longer one would have a time of day, which would be dropped in silence.
    let date = value.parse::<Date>().ok().filter(|_| value.len() == "2026-11-30".len());
    date.ok_or_else(|| FilterError::Date { key, value: value.to_owned() })
}

#[derive(Clone, Debug, PartialEq)]
enum Check {
    /// The text, and the status if it reads as one.
    Anywhere(Needle, Option<u16>),
    Verdict(Needle),
    Model(Needle),
    Profile(Needle),
    Route(Needle),
    Tag(Needle),
    Id(Needle),
    Parent(Needle),
    Session(Needle),
    Star,
    Live,
    Picture,
    Rating(u8),
    Since(Date),
    Until(Date),
}

impl Check {
    fn anywhere(value: &str) -> Result<Check, FilterError> {
        Ok(Check::Anywhere(Needle::new(value), value.parse().ok()))
    }

    fn is(value: &str) -> Result<Check, FilterError> {
        match value.to_ascii_lowercase().as_str() {
            "star" => Ok(Check::Star),
            "live" => Ok(Check::Live),
            "picture" => Ok(Check::Picture),
            _ => Err(FilterError::Is { value: value.to_owned() }),
        }
    }

    fn rating(value: &str) -> Result<Check, FilterError> {
        let rating = value.parse::<u8>().ok().filter(|rating| *rating <= 5);
        rating.map(Check::Rating).ok_or_else(|| FilterError::Rating { value: value.to_owned() })
    }

    fn holds(&self, summary: &Summary) -> bool {
        match self {
            Check::Anywhere(needle, status) => {
                texts(summary).any(|text| needle.is_in(text)) || (status.is_some() && *status == summary.status)
            }
            Check::Verdict(needle) => needle.is(&summary.word),
            Check::Model(needle) => needle.is_in(&summary.model) || needle.is_in(&summary.asked),
            Check::Profile(needle) => needle.is(&summary.profile),
            Check::Route(needle) => needle.is_in(&summary.route()),
            Check::Tag(needle) => summary.marks.tags.iter().any(|tag| needle.is(tag)),
            Check::Id(needle) => needle.is_in(&summary.id),
            Check::Parent(needle) => summary.parent.as_ref().is_some_and(|parent| needle.is_in(parent)),
            Check::Session(needle) => needle.is_in(&summary.session),
            Check::Star => summary.marks.star,
            Check::Live => !summary.phase.is_final(),
            Check::Picture => summary.has_picture(),
            Check::Rating(least) => summary.marks.rating >= *least,
            Check::Since(first) => day(summary) >= *first,
            Check::Until(last) => day(summary) <= *last,
        }
    }
}

fn day(summary: &Summary) -> Date {
    Offset::UTC.to_datetime(summary.time).date()
}

/// What a plain word is looked for in.
fn texts(summary: &Summary) -> impl Iterator<Item = &str> {
    let Summary { prompt, id, asked, model, profile, word, reason, request_id, marks, .. } = summary;
    let always = [prompt, id, asked, model, profile, word, reason, &marks.note];
    always.into_iter().chain(request_id).chain(&marks.tags).map(String::as_str)
}

/// A text to look for in any case.
#[derive(Clone, Debug, PartialEq)]
struct Needle {
    lower: String,
    /// The byte of it that is looked for first: the rarest.
    anchor: usize,
    /// Whether it has letters beyond ASCII that come in two cases.
    folds: bool,
}

/// The commonest bytes of prompts, most common first.
const COMMON: &[u8] = b" etaoinsrhldcumfpgwyb";

impl Needle {
    fn new(text: &str) -> Needle {
        let lower = text.to_lowercase();
        let rarity = |byte: u8| COMMON.iter().position(|common| *common == byte).unwrap_or(COMMON.len());
        let rarest = lower.bytes().enumerate().max_by_key(|(_, byte)| rarity(*byte));
        let anchor = rarest.map_or(0, |(at, _)| at);
        let has_case = |c: char| !(c.to_lowercase().eq([c]) && c.to_uppercase().eq([c]));
        Needle { lower, anchor, folds: text.chars().any(|c| !c.is_ascii() && has_case(c)) }
    }

    /// Whether it is the whole text.
    fn is(&self, text: &str) -> bool {
        if self.folds { text.to_lowercase() == self.lower } else { text.eq_ignore_ascii_case(&self.lower) }
    }

    /// Whether it is a part of the text.
    fn is_in(&self, text: &str) -> bool {
        if self.folds && !text.is_ascii() {
            return text.to_lowercase().contains(&self.lower);
        }
        let (needle, text) = (self.lower.as_bytes(), text.as_bytes());
        let (Some(&anchor), Some(tail)) = (needle.get(self.anchor), text.get(self.anchor..)) else {
            return needle.is_empty();
        };
        // What is found at `start` of the tail is the anchor of a needle that would begin at `start` of the text.
        memchr2_iter(anchor, anchor.to_ascii_uppercase(), tail).any(|start| {
            text.get(start..start + needle.len()).is_some_and(|candidate| candidate.eq_ignore_ascii_case(needle))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Marks, Phase};
    use super::*;

    fn fox() -> Summary {
        Summary {
            id: "20261122T170512.123Z-k3x7qa".into(),
            time: "2026-11-22T23:59:59.999Z".parse().unwrap(),
            session: "s-17".into(),
            profile: "Production".into(),
            kind: "generateContent".into(),
            asked: "flash".into(),
            model: "gemini-3.1-flash-image".into(),
            prompt: "A red fox, \"HOLA\" on its sign: C:\\temp, Über den Dächern, 狐の絵".into(),
            phase: Phase::Done,
            word: "no_image".into(),
            reason: "finishReason: OTHER".into(),
            status: Some(404),
            request_id: Some("req-Zz9".into()),
            parent: Some("20261122T170000.000Z-aaaaaa".into()),
            marks: Marks {
                rating: 3,
                tags: vec!["night shift".into(), "ü".into()],
                note: "keep".into(),
                ..Marks::default()
            },
            ..Summary::default()
        }
    }

    #[test]
    fn a_query_finds_what_it_says() {
        for query in [
            "RED fOx",
            "\"red fox\"",
            "k3x7 FLASH-image production no_image otheR req-zz9 shift keep",
            "über ÜBER dächern DÄCHERN 狐の",
            "404 -40 -500",
            "verdict:blocked,NO_IMAGE",
            "model:flash Model:3.1 profile:production",
            "route:\"ion generatecontent gem\"",
            "tag:\"Night Shift\" tag:Ü tag:x,\"night shift\"",
            "id:k3x7qa parent:aaaaaa session:17",
            "rating:3 rating:0 -rating:4",
            "since:2026-11-22 until:2026-11-22 -since:2026-11-23 -until:2026-11-21 until:9999-12-31",
            "-is:star -is:live -is:star,picture",
            "-blue -\"red fax\" -verdict:image -tag:night",
            r"sign: c:\temp, -foo:bar",
            r#""\"hola\"" "c:\temp" "c:\\temp""#,
            "\"red\"fox -\"zzz",
        ] {
            assert!(Filter::parse(query).unwrap().matches(&fox()), "{query}");
        }
    }

    #[test]
    fn every_term_must_hold() {
        for query in [
            "fox blue",
            "-fox",
            "\"fox red\"",
            "verdict:image",
            "verdict:no",
            "profile:prod",
            "tag:night",
            "-tag:x,ü",
            "is:star",
            "is:live,picture",
            "rating:4",
            "since:2026-11-23",
            "until:2026-11-21",
            "foo:bar",
            "\"is:star\"",
            "generateContent",
        ] {
            assert!(!Filter::parse(query).unwrap().matches(&fox()), "{query}");
        }
        let live = Summary { phase: Phase::Sent, pixels: Some((1, 1)), parent: None, status: None, ..fox() };
        let live = Summary { marks: Marks { star: true, ..Marks::default() }, ..live };
        assert!(Filter::parse("is:live is:picture is:STAR -parent:a -404").unwrap().matches(&live));
    }

    #[test]
    fn a_term_without_a_value_asks_for_nothing() {
        for query in ["", "  \n", "-", "\"", "\"\"", "-\"\"", "model:", "-model:", "tag:\"\",, is: rating: since:"] {
            assert!(Filter::parse(query).unwrap().is_all(), "{query}");
        }
        assert!(Filter::default().is_all() && Filter::default().matches(&Summary::default()));
        assert!(!Filter::parse("x").unwrap().is_all());
    }

    #[test]
    fn what_means_nothing_is_said() {
        for (query, said) in [
            ("rating:6", "rating:\"6\" is no rating"),
            ("rating:many", "give a number from 0 to 5"),
            ("since:yesterday", "since:\"yesterday\" is no date"),
            ("until:2026-02-30", "as in until:2026-11-30"),
            ("fox -since:2026-11-01T10:00", "is no date"),
            ("is:star,nice", "is:\"nice\" is unknown"),
        ] {
            let error = Filter::parse(query).unwrap_err().to_string();
            assert!(error.contains(said), "{query}: {error}");
        }
    }

    #[test]
    fn a_quoted_value_is_one_value_whatever_it_holds() {
        for tag in ["plain", "two words", "a,b", "-x", "is:star", "\"", "\\", "a\\\"b\\\\", "\\n", "né\n", "x:\"y\" z"]
        {
            let filter = Filter::parse(&format!("tag:{} -{}", quote(tag), quote("absent"))).unwrap();
            let mut tagged =
                Summary { marks: Marks { tags: vec![tag.into()], ..Marks::default() }, ..Summary::default() };
            assert!(filter.matches(&tagged), "{tag}");
            tagged.marks.tags[0].push('.');
            assert!(!filter.matches(&tagged), "{tag}");
        }
    }

    #[test]
    fn a_needle_is_found_where_a_slow_search_finds_it() {
        let texts = [
            "",
            "a",
            "aaab aAAb",
            "Ab-aB..aab-",
            "the ETA of teh theatre",
            "Kelvin KELVIN 9Z",
            "狐AB狐b",
            "İzmir Ωm ß",
        ];
        for text in texts {
            for source in texts {
                let ends: Vec<usize> = source.char_indices().map(|(at, _)| at).chain([source.len()]).collect();
                for (from, to) in ends.iter().flat_map(|from| ends.iter().map(move |to| (*from, *to))) {
                    let Some(part) = source.get(from..to) else { continue };
                    let slow = text.to_lowercase().contains(&part.to_lowercase());
                    for needle in [Needle::new(part), Needle::new(&part.to_ascii_uppercase())] {
                        assert_eq!(needle.is_in(text), slow, "{part:?} in {text:?}");
                    }
                }
            }
        }
    }
}
