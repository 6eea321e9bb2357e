//! The app without a terminal: plain state, what happened, what to do. [`update`](update::update) is the only door.
//!
//! Architecture invariant: nothing here reads a clock, a file, the environment or the network; the time comes with every
//! message, work leaves as an [`Effect`].

pub mod history;
pub mod log;
pub mod message;
pub mod overlay;
pub mod params;
pub mod parts;
pub mod probe;
pub mod prompt;
pub mod routes;
pub mod send;
pub mod sheet;
pub mod spend;
pub mod state;
pub mod take;
pub mod update;

pub use message::{Effect, Msg};
pub use state::{Drawing, ImageSlot, Look, PictureId, Setup, State};
pub use update::update;
