//! The parts pane: one row a part, and the selected one whole where there is room.

use super::links;
use super::paint::{Canvas, Piece};
use crate::app::State;
use crate::app::state::Shown;
use crate::layout::{Area, Pane};
use crate::text::{self, Safe};
use crate::theme::Styles;
use crate::wire::brief::brief;
use crate::wire::part::Part;
use crate::wire::picture::{From, Picture};

/// From this height on the selected part is shown below the list.
const DETAIL_FROM: u16 = 6;
const MOST_ROWS: u16 = 8;
/// Characters of one line, and of a name in it. A server's names may be huge, and are drawn again for every key.
const LINE: usize = 1000;
const NAME: usize = 100;
/// Keys of no documented field that are told.
const MOST_KEYS: usize = 8;
/// Characters of a part that is neither text nor data.
const JSON: usize = 4000;

pub fn draw(state: &State, canvas: &mut Canvas, area: Area) {
    let focused = state.choice.focus == Pane::Parts;
    let count = state.shown.as_ref().map_or_else(String::new, |shown| {
        let reply = &shown.reading.reply;
        [(reply.parts.len(), "part"), (reply.candidates, "candidate"), (reply.pictures.len(), "picture")]
            .map(|(count, noun)| text::count(count, noun))
            .join(" · ")
    });
    canvas.pane(area, Pane::Parts.title(), &Safe::of(&count), &[], focused);
    let inside = area.inside();
    let Some(shown) = &state.shown else { return };
    let parts = &shown.reading.reply.parts;
    let list = list_height(parts.len(), inside.height);
    let rows = usize::from(list.saturating_sub(1));
    canvas.line(inside.x, inside.y, inside.width, &[(head(), canvas.styles.dim)]);
    let first = (shown.part + 1).saturating_sub(rows.max(1));
    for (row, (number, part)) in parts.iter().enumerate().skip(first).take(rows).enumerate() {
        let y = inside.y + 1 + row as u16;
        let chosen = number == shown.part;
        let mut pieces = line(shown, number, part, canvas.styles);
        if chosen && focused {
            canvas.fill(Area::new(inside.x, y, inside.width, 1), canvas.styles.selection);
            pieces.iter_mut().for_each(|(_, style)| *style = canvas.styles.selection);
        }
        pieces.insert(0, (Safe::from(if chosen { "▎" } else { " " }), canvas.styles.border_focus));
        canvas.line(inside.x, y, inside.width, &pieces);
    }
    if inside.height > list + 1 {
        let below = Area::new(inside.x, inside.y + list + 1, inside.width, inside.height - list - 1);
        detail(shown, canvas, below);
    }
}

/// Rows of the list with its head, of those that the pane has.
fn list_height(parts: usize, rows: u16) -> u16 {
    if rows < DETAIL_FROM {
        return rows;
    }
    let wanted = u16::try_from(parts).unwrap_or(u16::MAX).saturating_add(1);
    wanted.min(MOST_ROWS).min(rows / 2)
}

fn head() -> Safe {
    Safe::from("  # cand kind          holds")
}

fn line(shown: &Shown, number: usize, part: &Part, styles: &Styles) -> Vec<Piece> {
    let candidate = Safe::head_of(&part.candidate, 12);
    let place = Safe::of(&format!("{number:>2} {:>4} ", candidate.as_str()));
    let kind = text::pad(&Safe::from(part.kind()), 13);
    let picture = shown.reading.reply.pictures.iter().find(|p| p.part == number);
    let mut words = Vec::new();
    words.extend(part.thought.then(|| "thought".to_owned()));
    words.extend(picture.filter(|p| p.is_final).map(|_| "final".to_owned()));
    words.extend(holds(part));
    words.extend(wrapped(shown, number));
    words.extend(arrived(shown, part));
    words.extend((part.signature_chars > 0).then(|| format!("signature {} ch", part.signature_chars)));
    words.extend(also(part));
    words.extend((!part.whole).then(|| "cut".to_owned()));
    let style = if part.blob().is_some_and(|blob| blob.mismatch().is_some()) { styles.warn } else { styles.text };
    vec![(place, styles.dim), (kind, styles.info), (Safe::head(&words.join(" · "), LINE), style)]
}

/// Keys that stand in no documentation.
fn also(part: &Part) -> Option<String> {
    let told: Vec<String> = part.extra_keys.iter().take(MOST_KEYS).map(|key| brief(key, NAME)).collect();
    let more = part.extra_keys.len().saturating_sub(MOST_KEYS);
    let more = if more > 0 { format!(" and {more} more keys") } else { String::new() };
    (!told.is_empty()).then(|| format!("also {}{more}", told.join(", ")))
}

/// What a part carries: declared and real type, pixels, bytes, hash; or how much text.
fn holds(part: &Part) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(text) = part.text() {
        words.push(format!("{} characters", text.chars));
    }
    if let Some(blob) = part.blob() {
        match (&blob.data, blob.mismatch()) {
            (Some(_), Some((declared, sniffed))) => words.push(format!("{} ≠ {sniffed}", brief(declared, NAME))),
            _ => words.push(brief(blob.declared().unwrap_or("no type"), NAME)),
        }
        match &blob.data {
            Some(data) => {
                words.extend(data.size.map(|(w, h)| format!("{w}×{h}")));
                words.push(text::bytes(data.bytes as u64));
                words.push(format!("sha256 {}", &data.sha256[..8]));
            }
            None if part.whole => words.push("not base64".to_owned()),
            None => {}
        }
    }
    words
}

/// Pictures that the text of a part wraps.
fn wrapped(shown: &Shown, number: usize) -> Vec<String> {
    let pictures = shown.reading.reply.pictures.iter().filter(|p| p.part == number && p.from != From::InlineData);
    let words = |picture: &Picture| match (&picture.data, picture.url()) {
        (Some(data), _) => {
            let size = data.size.map_or_else(String::new, |(w, h)| format!(" {w}×{h}"));
            Some(format!("wraps {}{size} {}", data.sniffed.unwrap_or("data"), text::bytes(data.bytes as u64)))
        }
        (None, Some(url)) => Some(format!("links to {}", crate::wire::link::redacted(url))),
        (None, None) => None,
    };
    pictures.take(3).filter_map(words).collect()
}

/// How much of a cut picture came.
fn arrived(shown: &Shown, part: &Part) -> Option<String> {
    part.blob().filter(|_| !part.whole)?;
    let json = shown.reading.reply.part_json(shown.reading.body.bytes(), part)?;
    let data = json.get(&["inlineData", "inline_data"])?.member("data")?;
    Some(format!("{} of base64 came", text::bytes(data.string_bytes().len() as u64)))
}

/// The selected part whole: text as text; data as type, size, hash and its first bytes.
fn detail(shown: &Shown, canvas: &mut Canvas, area: Area) {
    let reply = &shown.reading.reply;
    let Some(part) = reply.parts.get(shown.part) else { return };
    let width = usize::from(area.width);
    let mut rows: Vec<Safe> = Vec::new();
    // Enough for any prose; a megabyte of data in a text is for the raw view.
    if let Some(text) = part.text().and_then(|_| reply.part_head(shown.reading.body.bytes(), part, 20_000)) {
        rows.extend(Safe::lines(&links::redacted_in(&text)).iter().flat_map(|line| text::wrap(line, width)));
    }
    if let Some(data) = part.blob().and_then(|blob| blob.data.as_ref()) {
        let kind = data.sniffed.unwrap_or("unknown type");
        rows.push(Safe::of(&format!("{kind} · {} bytes", data.bytes)));
        rows.push(Safe::of(&format!("sha256 {}", data.sha256)));
        rows.extend(hex_rows(&data.head, width));
    }
    if part.text().is_none() && part.blob().is_none() {
        let json = reply.part_json(shown.reading.body.bytes(), part).map_or(&[][..], |json| json.raw());
        rows.extend(text::wrap(&Safe::head_of_bytes(json, JSON), width));
    }
    let scroll = shown.part_scroll.min(rows.len().saturating_sub(1));
    let style = canvas.styles.text;
    let lines: Vec<Vec<Piece>> = rows.into_iter().skip(scroll).map(|row| vec![(row, style)]).collect();
    canvas.lines(area, &lines);
}

/// Offset, hex and characters, 16 bytes a row, 8 where it is narrow.
fn hex_rows(bytes: &[u8], width: usize) -> Vec<Safe> {
    let per_row = if width >= 74 { 16 } else { 8 };
    let row = |(number, chunk): (usize, &[u8])| {
        let hex: String = chunk.iter().map(|b| format!("{b:02x} ")).collect();
        let plain: String = chunk.iter().map(|&b| if (0x20..0x7f).contains(&b) { b as char } else { '·' }).collect();
        Safe::of(&format!("{:04x}  {hex:<fill$} {plain}", number * per_row, fill = per_row * 3))
    };
    bytes.chunks(per_row).enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::reply;
    use serde_json::json;

    #[test]
    fn the_list_has_its_rows_however_many_parts_there_are() {
        for (parts, rows, height) in
            [(0, 20, 1), (3, 20, 4), (100, 20, 8), (65_535, 20, 8), (65_536, 8, 4), (usize::MAX, 20, 8), (9, 5, 5)]
        {
            assert_eq!(list_height(parts, rows), height, "{parts} in {rows}");
        }
    }

    #[test]
    fn names_of_a_server_are_told_in_short() {
        let mut part = json!({"inlineData": {"mimeType": "m".repeat(1 << 20), "data": "AAAA"}});
        for number in 0..20 {
            part[format!("{number:02}{}", "k".repeat(1000))] = json!(1);
        }
        let reply = reply::read(json!({"candidates": [{"content": {"parts": [part]}}]}).to_string().as_bytes());
        let also = also(&reply.parts[0]).unwrap();
        assert!(also.starts_with("also 00kk") && also.ends_with(" and 12 more keys"), "{also}");
        assert!(also.chars().count() < 2 * MOST_KEYS * NAME);
        assert!(holds(&reply.parts[0]).concat().chars().count() < 2 * NAME);
    }
}
