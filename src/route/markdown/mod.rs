//! The routes as Markdown: for each model a table of Item, Status and Notes, as a gateway's own status page has it, and
//! below it the evidence that the notes name.
//!
//! It is made to be pasted: every text of a server, a user or a document is held in a code span where it could do more
//! than be read.

mod cell;
mod images;
mod items;
mod voice;

use super::age;
use super::claims::Claims;
use super::evidence::{Evidence, Source};
use super::standing::Rules;
use super::table::Row;
use crate::catalog::Catalog;
use crate::wire::request::bare_model;
use cell::{cell, code, word};
use items::Group;
use jiff::Timestamp;
use url::Url;
use voice::{Marks, sum_up};

/// What a table is made by, beside what is known.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'a> {
    pub now: Timestamp,
    /// Of the zone for dates, in seconds east of UTC.
    pub utc_offset: i32,
    pub catalog: &'a Catalog,
    pub rules: &'a Rules,
}

/// A table for each model that any of the rows has, under any of its names, in the order of the rows.
pub fn markdown(rows: &[Row], claims: &Claims, sheet: &Sheet<'_>) -> String {
    let mut given = 0;
    let mut sections = Vec::new();
    let mut all = groups(rows, claims, sheet);
    // A model that nobody asked for yet needs no table beside those of others.
    if all.iter().any(Group::is_known) {
        all.retain(Group::is_known);
    }
    for group in all {
        let mut marks = Marks::after(given);
        sections.push(section(&group, &mut marks));
        given = marks.count();
    }
    if sections.is_empty() {
        return format!("{}: no route of a model is known yet; send a prompt.\n", heading(sheet));
    }
    sections.join("\n")
}

fn groups<'a>(rows: &'a [Row], claims: &'a Claims, sheet: &'a Sheet<'a>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for row in rows.iter().filter(|row| !row.id.model.is_empty()) {
        let id = sheet.catalog.resolve(bare_model(&row.id.model));
        match groups.iter_mut().find(|group| group.id == id) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group { id, rows: vec![row], claims, sheet }),
        }
    }
    groups
}

fn section(group: &Group<'_>, marks: &mut Marks) -> String {
    let alias = group.sheet.catalog.model(group.id).and_then(|model| model.aliases.first());
    let title = word(alias.map_or(group.id, String::as_str));
    let mut out = format!("## {title}\n\n{}\n\n| Item | Status | Notes |\n| --- | --- | --- |\n", heading(group.sheet));
    for (item, voices, otherwise) in group.items() {
        let (status, notes) = sum_up(voices, otherwise, marks);
        out.push_str(&format!("| {item} | {} | {} |\n", cell(&status), cell(&notes)));
    }
    let evidence: Vec<String> =
        marks.all().map(|(mark, seen)| format!("- {mark}: {}\n", reference(seen, group.sheet))).collect();
    if !evidence.is_empty() {
        out.push_str(&format!("\nEvidence:\n\n{}", evidence.concat()));
    }
    out
}

fn heading(sheet: &Sheet<'_>) -> String {
    format!("As of {}, by unpeel {}", age::moment(sheet.now, sheet.utc_offset), env!("CARGO_PKG_VERSION"))
}

/// All that is needed to find a piece of evidence again, here and in the gateway's log.
fn reference(seen: &Evidence, sheet: &Sheet<'_>) -> String {
    let by_others = seen.source == Source::Documentation;
    // A document has a day, which is the same in every zone.
    let moment = age::moment(seen.at, if by_others { 0 } else { sheet.utc_offset });
    let environment = if seen.environment.is_empty() { "no environment".to_owned() } else { word(&seen.environment) };
    let mut said = vec![code(&seen.id), moment, environment, host(&seen.origin), seen.source.name().to_owned()];
    if !by_others {
        said.push(format!("{} {}", seen.route.kind.word(), word(&seen.route.model)));
        said.push(seen.status.map_or_else(|| "no HTTP status".to_owned(), |status| format!("HTTP {status}")));
    }
    let class = Some(&seen.class).filter(|class| !class.is_empty());
    let reason = Some(&seen.reason).filter(|reason| !reason.is_empty());
    said.extend(class.map(|class| word(class)));
    said.extend(reason.map(|reason| code(reason)));
    said.extend(seen.request_id.as_ref().map(|id| format!("request id {}", code(id))));
    said.join(", ")
}

/// The host of an origin, with its port where it has one of its own.
fn host(origin: &str) -> String {
    let url = Url::parse(origin).ok();
    let named = url.as_ref().and_then(|url| Some((url.host_str()?, url.port())));
    match named {
        Some((host, Some(port))) => word(&format!("{host}:{port}")),
        Some((host, None)) => word(host),
        None => "no host".to_owned(),
    }
}

#[cfg(test)]
mod tests;
