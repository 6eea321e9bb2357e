//! Routes and what is known of each: dated evidence, one verdict a route by stated rules, and the tables made of it.
//!
//! A route is profile × kind of call × model. [`judge`] reads what came back and says what it tells of the route; the result
//! is stored as [`Evidence`]; [`standing`] climbs the ladder from unknown to proven or failing; [`table`] holds the rows.
//! [`claims`] are what documentation says: shown as claims, never as proof. Everything here is pure: the time is an argument.

pub mod age;
pub mod claims;
pub mod conditions;
pub mod evidence;
pub mod judge;
pub mod latency;
pub mod markdown;
pub mod money;
pub mod standing;
pub mod table;

pub use age::Age;
pub use evidence::{Evidence, Finding, Kind, Phases, RouteId, Source};
pub use judge::{Judged, Seen};
pub use money::{Costs, Money};
pub use standing::{Judgement, Rules, Standing};
pub use table::{Place, Routes, Row};
