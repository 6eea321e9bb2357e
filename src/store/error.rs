//! What can go wrong on disk, in sentences that name the place and the way out.

use std::io;
use std::path::{Path, PathBuf};

/// Why something could not be stored, saved or read back.
///
/// The cause of the system stands in the sentence itself, so a chain of errors does not repeat it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The state folder is of no use: nothing can be recorded, so nothing should be sent.
    #[error(
        "the state folder {} cannot be written: {cause}; set UNPEEL_STATE_DIR to a folder of your own",
        .folder.display()
    )]
    StateFolder {
        /// As it was configured.
        folder: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file operation failed.
    #[error("could not {doing} {}: {cause}{}", .path.display(), advice(.cause))]
    Io {
        /// A verb: `write`, `read`, `list`.
        doing: &'static str,
        /// What it was about.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Somebody's file stands where a new one should go.
    #[error("{} exists already and is never overwritten; choose another path", .path.display())]
    Exists {
        /// The taken path.
        path: PathBuf,
    },
    /// A file should go into a folder that is not there.
    #[error("there is no folder {}; create it or choose another path", .folder.display())]
    NoFolder {
        /// The missing folder.
        folder: PathBuf,
    },
    /// A folder that is torn, foreign, or of a later version that cannot be understood.
    #[error("{folder:?} holds no readable exchange: {reason}")]
    NotAnExchange {
        /// The folder that was looked at.
        folder: PathBuf,
        /// What is missing or broken.
        reason: String,
    },
    /// No stored exchange has this id.
    #[error("no stored exchange has an id that is, begins with or ends with {id:?}; see `unpeel history list`")]
    Unknown {
        /// As it was asked for.
        id: String,
    },
    /// A piece of an id that several exchanges share.
    #[error("{count} stored exchanges match {id:?}, the newest is {newest}; give more of the id")]
    Ambiguous {
        /// As it was asked for.
        id: String,
        /// How many match.
        count: usize,
        /// The latest of them.
        newest: String,
    },
    /// Nothing in the trash has this id.
    #[error(
        "no exchange in the trash has an id that is, begins with or ends with {id:?}; see `unpeel history list --trash`"
    )]
    NotInTrash {
        /// As it was asked for.
        id: String,
    },
    /// It would be moved away under the hands of its writer.
    #[error("the exchange {id} is still being written; cancel it or wait for its end, then try again")]
    Live {
        /// The whole id.
        id: String,
    },
    /// The same id stands where an exchange should be moved.
    #[error("another exchange {id} is in {} already and is never overwritten; move it away first", .folder.display())]
    InTheWay {
        /// The whole id.
        id: String,
        /// Where both cannot be.
        folder: PathBuf,
    },
    /// An earlier append failed half-way: what follows would leave a hole in the bytes.
    #[error("{} ends where an earlier write failed, and nothing is appended behind a hole", .path.display())]
    TornBody {
        /// The body's file; its bytes are exact as far as they go.
        path: PathBuf,
    },
}

impl StoreError {
    /// For `map_err`: dresses a system error with what was being done, and to what.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
        move |cause| StoreError::Io { doing, path: path.to_path_buf(), cause }
    }
}

fn advice(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; free some space there",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; choose a folder that you may write to"
        }
        _ => "",
    }
}
