//! An exchange in one line: what the list and the log show of it.

use serde_json::Value;

use super::meta::StoredVerdict;
use super::record::BODY;
use super::stored::Stored;
use super::{disk, marks};
use crate::history::{Phase, Summary};

impl Stored {
    /// What the history shows, with the marks as they are on disk now.
    pub fn summary(&self) -> Summary {
        let meta = &self.meta;
        let verdict = self.verdict();
        Summary {
            id: self.id.clone(),
            time: meta.time,
            session: meta.session.clone(),
            profile: meta.profile.clone(),
            kind: meta.kind.clone(),
            asked: meta.model.asked.clone(),
            model: meta.model.sent.clone(),
            prompt: meta.prompt.clone(),
            phase: meta.phase,
            word: verdict.word,
            reason: verdict.reason,
            charged: verdict.charged,
            status: meta.status,
            pixels: self.pixels(),
            ms: meta.timings_ms.done,
            down: self.arrived(),
            tokens: meta.usage.as_ref().and_then(tokens),
            cost_usd: meta.cost_usd,
            request_id: meta.request_id.clone(),
            parent: meta.parent.clone(),
            marks: marks::read(&self.folder),
        }
    }

    /// Bytes of the reply: as recorded, else what lies there.
    pub fn arrived(&self) -> u64 {
        if self.reached.is_final() { self.meta.down_bytes } else { disk::size(&self.folder.join(BODY)) }
    }

    /// As recorded; of an interrupted exchange, what the phase that it had reached tells; else empty words.
    fn verdict(&self) -> StoredVerdict {
        let (reason, charged) = match (&self.meta.verdict, self.meta.phase, self.reached) {
            (Some(recorded), _, _) => return recorded.clone(),
            (None, Phase::Interrupted, Phase::Begun | Phase::Connecting) => {
                ("interrupted before the request was sent", "unlikely")
            }
            (None, Phase::Interrupted, _) => ("sent, answer unknown, may be billed", "unknown"),
            _ => return StoredVerdict::default(),
        };
        StoredVerdict { word: "interrupted".to_owned(), reason: reason.to_owned(), charged: charged.to_owned() }
    }

    /// Of the answer, else of the first picture whose size is known.
    fn pixels(&self) -> Option<(u32, u32)> {
        let pictures = &self.meta.pictures;
        let answer = pictures.iter().filter(|picture| picture.final_).find_map(|picture| picture.size);
        answer.or_else(|| pictures.iter().find_map(|picture| picture.size))
    }
}

/// Both spellings are met in replies.
fn tokens(usage: &Value) -> Option<u64> {
    usage.get("totalTokenCount").or_else(|| usage.get("total_token_count"))?.as_u64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Meta, StoredPicture};
    use serde_json::json;
    use std::path::PathBuf;

    fn stored(meta: Meta, reached: Phase) -> Stored {
        Stored { id: "x".to_owned(), folder: PathBuf::from("/nowhere"), meta, reached, live: false }
    }

    #[test]
    fn an_interrupted_exchange_says_whether_it_may_be_billed() {
        for (reached, reason, charged) in [
            (Phase::Begun, "interrupted before the request was sent", "unlikely"),
            (Phase::Connecting, "interrupted before the request was sent", "unlikely"),
            (Phase::Sent, "sent, answer unknown, may be billed", "unknown"),
            (Phase::Receiving, "sent, answer unknown, may be billed", "unknown"),
            (Phase::Interrupted, "sent, answer unknown, may be billed", "unknown"),
        ] {
            let summary = stored(Meta { phase: Phase::Interrupted, ..Meta::default() }, reached).summary();
            let words = (summary.word.as_str(), summary.reason.as_str(), summary.charged.as_str());
            assert_eq!(words, ("interrupted", reason, charged), "{reached:?}");
        }
        let live = stored(Meta { phase: Phase::Sent, ..Meta::default() }, Phase::Sent).summary();
        assert_eq!((live.word.as_str(), live.charged.as_str()), ("", ""));
    }

    #[test]
    fn the_answer_gives_the_pixels_and_usage_the_tokens() {
        let picture = |size, final_| StoredPicture { size, final_, ..StoredPicture::default() };
        let pictures = vec![picture(Some((8, 8)), false), picture(None, true), picture(Some((16, 9)), true)];
        let usage = Some(json!({"totalTokenCount": 1303}));
        let mut whole = stored(Meta { usage, pictures, ..Meta::default() }, Phase::Done);
        let summary = whole.summary();
        assert_eq!((summary.pixels, summary.tokens), (Some((16, 9)), Some(1303)));
        whole.meta.pictures.truncate(2);
        assert_eq!(whole.summary().pixels, Some((8, 8)));
        whole.meta.pictures.clear();
        assert!(!whole.summary().has_picture());
    }
}
