//! Gemini image calls on the wire: building requests, reading replies, judging them. Pure, and usable on its own.
//!
//! Facts come from Google's public schema (ai.google.dev, google-genai 3.4.0) and from what gateways are seen to send.

/// The longest body that is read: twice the largest picture in base64, and little enough to be held three times.
pub const MOST_BODY: usize = 112 << 20;

pub mod b64;
pub mod blob;
pub mod brief;
pub mod caption;
mod charged;
pub mod curl;
pub mod document;
pub mod embedded;
pub mod error;
pub mod host;
pub mod import;
pub mod index;
pub mod json;
pub mod link;
pub mod part;
pub mod picture;
pub mod reply;
pub mod report;
pub mod request;
pub mod rows;
pub mod sniff;
pub mod sse;
pub mod verdict;
