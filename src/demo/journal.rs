//! What the gateway booked: all that the key has used, and the latest calls as an account reads them at `/api/log/self`.

use super::listing::QUOTA_PER_UNIT;
use super::query;
use serde_json::{Value, json};
use std::collections::VecDeque;

/// Calls that are kept.
const KEPT: usize = 200;
/// Entries of a page that asks for no number of them.
const USUAL_PAGE: usize = 10;
/// No page has more.
const MAX_PAGE: usize = 100;
/// The `type` of entries about calls.
const CALL: u64 = 2;

/// One generate call, as the gateway booked it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    pub request_id: String,
    pub model: String,
    pub path: String,
    /// The status of the reply, also when the reply was lost on its way.
    pub status: u16,
    /// In the gateway's units; 0 for what is free.
    pub quota: u64,
    /// Seconds that the call was made to take: there is no clock.
    pub use_time: u64,
}

/// Bookings and their sum.
#[derive(Debug, Default)]
pub struct Journal {
    spent: u64,
    count: u64,
    /// The newest first, each with its number, from 1.
    latest: VecDeque<(u64, Booking)>,
}

impl Journal {
    /// Books a call.
    pub fn book(&mut self, booking: Booking) {
        self.spent = self.spent.saturating_add(booking.quota);
        self.count += 1;
        self.latest.push_front((self.count, booking));
        self.latest.truncate(KEPT);
    }

    /// The sum of all bookings, in the gateway's units.
    pub fn spent(&self) -> u64 {
        self.spent
    }

    /// The page that the query's `p` and `page_size` name; what makes no sense there counts as missing.
    pub fn page(&self, query: &str) -> String {
        let page = positive(query, "p").unwrap_or(1);
        let size = positive(query, "page_size").unwrap_or(USUAL_PAGE).min(MAX_PAGE);
        let before = (page - 1).saturating_mul(size);
        let items: Vec<Value> = self.latest.iter().skip(before).take(size).map(entry).collect();
        let data = json!({ "page": page, "page_size": size, "total": self.latest.len(), "items": items });
        json!({ "success": true, "message": "", "data": data }).to_string()
    }
}

fn positive(query: &str, name: &str) -> Option<usize> {
    query::get(query, name)?.parse().ok().filter(|number| *number > 0)
}

/// An entry; what is not in every gateway stands in `other`, as JSON text.
fn entry((number, booking): &(u64, Booking)) -> Value {
    let other = json!({
        "request_id": booking.request_id, "http_status": booking.status, "request_path": booking.path,
        "cost_usd": booking.quota as f64 / QUOTA_PER_UNIT,
    });
    json!({
        "id": number, "created_at": number - 1, "type": CALL, "model_name": booking.model, "quota": booking.quota,
        "use_time": booking.use_time, "token_name": "demo", "other": other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(calls: u64) -> Journal {
        let mut journal = Journal::default();
        for number in 1..=calls {
            journal.book(Booking {
                request_id: format!("r{number}"),
                model: "nano-banana-2".to_owned(),
                path: "/v1beta/models/nano-banana-2:generateContent".to_owned(),
                status: 200,
                quota: 33_500,
                use_time: 0,
            });
        }
        journal
    }

    fn data(journal: &Journal, query: &str) -> Value {
        serde_json::from_str::<Value>(&journal.page(query)).unwrap()["data"].take()
    }

    #[test]
    fn an_entry_tells_what_a_call_cost() {
        let item = data(&journal(1), "")["items"][0].take();
        assert_eq!(
            (item["id"].as_u64(), item["created_at"].as_u64(), item["type"].as_u64()),
            (Some(1), Some(0), Some(2))
        );
        let other: Value = serde_json::from_str(item["other"].as_str().unwrap()).unwrap();
        assert_eq!((other["request_id"].as_str(), other["cost_usd"].as_f64()), (Some("r1"), Some(0.067)));
    }

    #[test]
    fn pages_run_from_the_newest_to_the_oldest_that_is_kept() {
        let journal = journal(203);
        assert_eq!(journal.spent(), 203 * 33_500);
        let cases = [
            ("", 1, 10, 203, 10),
            ("p=2&page_size=3", 2, 3, 200, 3),
            ("page_size=100&p=2", 2, 100, 103, 100),
            ("page_size=1000", 1, 100, 203, 100),
            ("p=0&page_size=none", 1, 10, 203, 10),
        ];
        for (query, page, size, first, length) in cases {
            let data = data(&journal, query);
            assert_eq!((data["page"].as_u64(), data["page_size"].as_u64()), (Some(page), Some(size)), "{query}");
            assert_eq!(data["total"].as_u64(), Some(200));
            assert_eq!(data["items"][0]["id"].as_u64(), Some(first), "{query}");
            assert_eq!(data["items"].as_array().map(Vec::len), Some(length), "{query}");
        }
        assert_eq!(data(&journal, "p=18446744073709551615&page_size=100")["items"].as_array().map(Vec::len), Some(0));
    }
}
