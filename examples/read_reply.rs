//! Reads a saved reply with the pure part of the library: no key, no network, no terminal.
//!
//! ```text
//! cargo run --example read_reply -- examples/reply-refused.json
//! ```

use anyhow::Context;
use unpeel::text::Safe;
use unpeel::wire::reply;
use unpeel::wire::verdict::{self, Ending};

const DEFAULT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/reply-image.json");

fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| DEFAULT.to_owned());
    let body = std::fs::read(&path).with_context(|| format!("{path} cannot be read"))?;

    // Reading never fails: a broken body gives what could be recovered, and the verdict says that it is broken.
    let reply = reply::read(&body);
    // A saved body has no status.
    let verdict = verdict::judge(&reply, &body, None, &Ending::Complete);

    // A reply is foreign text: it may hold escapes, which `Safe` shows instead of passing them on.
    println!("{}", Safe::of(&verdict.line()));
    println!("charged: {}", verdict.charged.as_str());
    for (number, part) in reply.parts.iter().enumerate() {
        println!("part {number}: {}{}", part.kind(), if part.thought { ", a thought" } else { "" });
    }
    for picture in &reply.pictures {
        let place = format!("part {}, {}", picture.part, picture.from.as_str());
        let last = if picture.is_final { ", final" } else { "" };
        match picture.bytes(&reply, &body) {
            Some(bytes) => println!("picture in {place}: {} bytes{last}", bytes.len()),
            None => println!("picture behind a link in {place}{last}"),
        }
    }
    Ok(())
}
