//! When a send key sends: one call per deliberate act, whatever a held key or a paste delivers.

use super::log::Log;
use crate::call::Ask;
use jiff::Timestamp;

/// A send key within this time of the last press is the same act.
const SAME_ACT_MS: i64 = 500;
/// Enter this soon after another key is part of a paste that came without its brackets.
const PASTE_MS: i64 = 40;

/// When keys were last pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SendGuard {
    send_at: Option<Timestamp>,
    key_at: Option<Timestamp>,
}

impl SendGuard {
    /// Notes a press of the send key and says whether it is a new act. A dropped press counts too, so a held key stays one act.
    pub fn admit(&mut self, now: Timestamp) -> bool {
        let last = self.send_at.replace(now);
        last.is_none_or(|last| (now.as_millisecond() - last.as_millisecond()).abs() >= SAME_ACT_MS)
    }

    /// Notes any key, and says whether it came as fast as only a paste does.
    pub fn typed(&mut self, now: Timestamp) -> bool {
        let last = self.key_at.replace(now);
        last.is_some_and(|last| (now.as_millisecond() - last.as_millisecond()).abs() < PASTE_MS)
    }
}

/// True when the same request is in flight already.
pub fn is_twin(log: &Log, ask: &Ask) -> bool {
    let same = |other: &Ask| {
        (&other.profile.name, &other.model, other.call, &other.request, &other.references)
            == (&ask.profile.name, &ask.model, ask.call, &ask.request, &ask.references)
    };
    log.in_flight().any(|entry| same(&entry.ask))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).expect("in range")
    }

    #[test]
    fn a_held_key_is_one_act_and_a_second_press_another() {
        let mut guard = SendGuard::default();
        let held = (0..2000).step_by(33).filter(|ms| guard.admit(at(*ms))).count();
        assert_eq!(held, 1);
        assert!(!guard.admit(at(2200)));
        assert!(guard.admit(at(2700)));
    }

    #[test]
    fn enter_inside_a_burst_is_a_paste() {
        let mut guard = SendGuard::default();
        assert!(!guard.typed(at(0)));
        assert!(guard.typed(at(1)));
        assert!(!guard.typed(at(120)));
    }
}
