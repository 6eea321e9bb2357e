//! `unpeel history mark`, `delete` and `restore`: what the user thinks of exchanges, and which are in the way.

use super::super::output;
use super::{DeleteArgs, MarkArgs, RestoreArgs};
use crate::history::{MarkChange, Marks};
use crate::store::{Store, StoreError};
use crate::text::Safe;
use anyhow::bail;
use jiff::Timestamp;

/// Prints the marks that each exchange has now.
pub fn mark(args: &MarkArgs) -> anyhow::Result<u8> {
    let nothing = args.rate.is_none() && args.note.is_none() && args.tags.is_empty() && args.untags.is_empty();
    if nothing && !args.star && !args.unstar {
        bail!("no mark is named; give --star, --unstar, --rate, --tag, --untag or --note");
    }
    let store = super::changing()?;
    for id in whole(&store, &args.ids)? {
        let marks = store.remark(&id, &changes(args))?;
        output::lines([Safe::of(format!("{id} {}", line(&marks)).trim_end())])?;
    }
    Ok(0)
}

/// Prints the id of each exchange that is in the trash now.
pub fn delete(args: &DeleteArgs) -> anyhow::Result<u8> {
    let store = super::changing()?;
    for id in whole(&store, &args.ids)? {
        store.trash(&id, Timestamp::now())?;
        output::lines([Safe::of(&id)])?;
    }
    Ok(0)
}

/// Prints the id of each exchange that is back.
pub fn restore(args: &RestoreArgs) -> anyhow::Result<u8> {
    let store = super::changing()?;
    for id in &args.ids {
        output::lines([Safe::of(&store.restore(id)?)])?;
    }
    Ok(0)
}

/// The whole ids, each once. All are looked up before the first is changed: a typing error changes nothing.
fn whole(store: &Store, ids: &[String]) -> Result<Vec<String>, StoreError> {
    let mut whole = Vec::new();
    for id in ids {
        let id = store.whole_id(id)?;
        if !whole.contains(&id) {
            whole.push(id);
        }
    }
    Ok(whole)
}

fn changes(args: &MarkArgs) -> Vec<MarkChange> {
    let star = (args.star || args.unstar).then_some(MarkChange::Star(!args.unstar));
    let gone = args.untags.iter().map(|tag| MarkChange::RemoveTag(tag.clone()));
    let tags = args.tags.iter().map(|tag| MarkChange::AddTag(tag.clone()));
    let note = args.note.clone().map(MarkChange::Note);
    star.into_iter().chain(args.rate.map(MarkChange::Rating)).chain(gone).chain(tags).chain(note).collect()
}

/// `★ 4/5 #fox #snow a note`; empty without marks.
pub fn line(marks: &Marks) -> String {
    let star = marks.star.then(|| "★".to_owned());
    let rating = (marks.rating > 0).then(|| format!("{}/5", marks.rating));
    let tags = marks.tags.iter().map(|tag| format!("#{tag}"));
    let note = (!marks.note.is_empty()).then(|| marks.note.clone());
    star.into_iter().chain(rating).chain(tags).chain(note).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_add_up_and_can_be_taken_back() {
        let none = || MarkArgs {
            ids: vec![],
            star: false,
            unstar: false,
            rate: None,
            tags: vec![],
            untags: vec![],
            note: None,
        };
        let mut marks = Marks::default();
        let tags = vec!["fox".to_owned(), "#snow".to_owned(), "fox".to_owned(), " ".to_owned()];
        let mut change = |args: &MarkArgs| {
            changes(args).iter().for_each(|change| marks.change(change));
            line(&marks)
        };
        change(&MarkArgs { star: true, rate: Some(4), tags, ..none() });
        let shown = change(&MarkArgs { note: Some("keep".to_owned()), ..none() });
        assert_eq!(shown, "★ 4/5 #fox #snow keep");
        let untags = vec!["fox".to_owned(), "never".to_owned()];
        let shown = change(&MarkArgs { unstar: true, rate: Some(0), untags, note: Some(String::new()), ..none() });
        assert_eq!(shown, "#snow");
    }
}
