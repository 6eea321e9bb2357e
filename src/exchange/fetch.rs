//! A hosted picture of a reply, fetched on purpose: its bytes go beside the exchange, and the verdict becomes `image`.

use super::Means;
use crate::call::{Reading, Saved};
use crate::client::Guard;
use crate::config::{Profile, base};
use crate::store::{StoredPicture, StoredVerdict, picture_name};
use crate::wire::verdict::{Charged, Verdict, Word};
use std::sync::Arc;

/// Which picture of which exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    pub reading: Arc<Reading>,
    pub number: usize,
    pub profile: Profile,
    /// The exchange it belongs to; `None` when there is none in the store.
    pub id: Option<String>,
    /// For the file's name.
    pub model: String,
    pub prompt: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct FetchedPicture {
    /// The reply with the picture in it.
    pub reading: Arc<Reading>,
    pub verdict: Verdict,
    pub saved: Option<Saved>,
    /// Why it is not beside the exchange, where it is not.
    pub note: Option<String>,
}

/// The first hosted picture whose bytes are not there, the final one before all others.
pub fn hosted(reading: &Reading) -> Option<usize> {
    let pictures = &reading.reply.pictures;
    let missing = |number: &usize| pictures[*number].data.is_none() && pictures[*number].url().is_some();
    let last = pictures.iter().position(|picture| picture.is_final);
    last.into_iter().chain(0..pictures.len()).find(missing)
}

/// Fetches it under the guard, sends nothing of the profile along, and stores what came.
///
/// # Errors
/// A sentence: the guard refused, or no picture came.
pub async fn fetch(wanted: Wanted, means: &Means) -> Result<FetchedPicture, String> {
    let picture = wanted.reading.reply.pictures.get(wanted.number);
    let url = picture.and_then(|picture| picture.url()).ok_or("this picture has no link")?.to_owned();
    let own = base::endpoint(&wanted.profile.base).ok().map(|base| base.url);
    let fetched = Guard::new(means.fetch_allow.clone(), own).fetch(&url).await.map_err(|why| why.to_string())?;
    let (from, mime) = (fetched.from, fetched.mime);
    let reading = Arc::new(wanted.reading.with_fetched(wanted.number, fetched.bytes));
    let data = reading.reply.pictures[wanted.number].data.as_ref();
    let size = data.and_then(|data| data.size).map_or_else(String::new, |(w, h)| format!(" {w}×{h}"));
    let bytes = data.map_or(0, |data| data.bytes);
    let reason = format!("{mime}{size}, {bytes} bytes, fetched from {from}");
    let verdict = Verdict { word: Word::Image, reason, charged: Charged::Likely, before_any_byte: false };
    let (saved, note) = match tokio::task::block_in_place(|| keep(&wanted, &reading, &verdict, means)) {
        Ok(saved) => (saved, None),
        Err(why) => (None, Some(format!("the fetched picture is in memory only: {why}"))),
    };
    Ok(FetchedPicture { reading, verdict, saved, note })
}

fn keep(wanted: &Wanted, reading: &Reading, verdict: &Verdict, means: &Means) -> Result<Option<Saved>, String> {
    let (Some(store), Some(id)) = (&means.store, &wanted.id) else { return Ok(None) };
    let (Some(bytes), Some(picture)) = (reading.picture(wanted.number), reading.reply.pictures.get(wanted.number))
    else {
        return Ok(None);
    };
    let Some(data) = &picture.data else { return Ok(None) };
    let stored = StoredPicture {
        file: String::new(),
        from: picture.from.as_str().to_owned(),
        mime: data.sniffed.unwrap_or_default().to_owned(),
        bytes: data.bytes as u64,
        sha256: data.sha256.clone(),
        size: data.size,
        final_: picture.is_final,
        number: Some(wanted.number),
    };
    let verdict = StoredVerdict {
        word: verdict.word.as_str().to_owned(),
        reason: verdict.reason.clone(),
        charged: verdict.charged.as_str().to_owned(),
    };
    let name = picture_name(wanted.number + 1, &wanted.model, &wanted.prompt);
    let path = store.add_picture(id, &name, &bytes, stored, verdict).map_err(|error| error.to_string())?;
    Ok(Some(Saved { path, picture: wanted.number }))
}
