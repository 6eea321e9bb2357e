//! How far an exchange came, as one word.

use serde::{Deserialize, Serialize};

/// How far an exchange came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// On disk, nothing sent.
    #[default]
    Begun,
    /// No byte of the request has left.
    Connecting,
    /// Bytes have left: from here on it may be charged.
    Sent,
    /// The request is out, no byte has come back.
    Waiting,
    /// The body is arriving.
    Receiving,
    /// The reply came to its end, whatever it says.
    Done,
    /// The network or a time limit ended it.
    Failed,
    /// The user ended it.
    Cancelled,
    /// The program ended before the exchange did. A later program's unknown phase reads so too: its outcome is unknown.
    #[serde(other)]
    Interrupted,
}

impl Phase {
    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Phase::Done | Phase::Failed | Phase::Cancelled | Phase::Interrupted)
    }

    /// The word in `meta.json` and in the history.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Begun => "begun",
            Phase::Connecting => "connecting",
            Phase::Sent => "sent",
            Phase::Waiting => "waiting",
            Phase::Receiving => "receiving",
            Phase::Done => "done",
            Phase::Failed => "failed",
            Phase::Cancelled => "cancelled",
            Phase::Interrupted => "interrupted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_spelled_as_they_are_called() {
        use Phase::*;
        for phase in [Begun, Connecting, Sent, Waiting, Receiving, Done, Failed, Cancelled, Interrupted] {
            assert_eq!(serde_json::to_value(phase).unwrap(), phase.word());
            assert_eq!(serde_json::from_value::<Phase>(phase.word().into()).unwrap(), phase);
        }
    }
}
