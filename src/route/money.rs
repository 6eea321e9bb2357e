//! What a call was expected to cost and what the gateway booked for it.

use super::evidence::Evidence;

/// US dollars; `None` for what nobody knows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Costs {
    pub expected: Option<f64>,
    pub observed: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Money {
    Aligned,
    /// More was booked than expected.
    Above,
    /// Less was booked: a discount, or a booking that is still to come.
    Below,
    Unknown,
}

impl Money {
    pub fn word(self) -> &'static str {
        match self {
            Money::Aligned => "aligned",
            Money::Above | Money::Below => "drifted",
            Money::Unknown => "unknown",
        }
    }
}

impl Costs {
    pub fn of(seen: &Evidence) -> Costs {
        Costs { expected: seen.expected_usd, observed: seen.observed_usd }
    }

    /// Judges with a tolerance, a share of what was expected.
    pub fn money(&self, tolerance: f64) -> Money {
        let (Some(expected), Some(observed)) = (self.expected, self.observed) else { return Money::Unknown };
        // Gateways book in whole units, which are worth some millionths.
        let room = (expected * tolerance).abs() + 1e-5;
        match observed - expected {
            apart if apart > room => Money::Above,
            apart if apart < -room => Money::Below,
            _ => Money::Aligned,
        }
    }

    /// Booked over expected.
    pub fn ratio(&self) -> Option<f64> {
        let expected = self.expected.filter(|usd| *usd > 0.0)?;
        Some(self.observed? / expected)
    }

    /// `expected $0.067, booked $0.134 (2.0×)`.
    pub fn sentence(&self) -> String {
        let usd = |usd: f64| format!("${usd:.3}");
        let expected =
            self.expected.map_or_else(|| "no expectation".to_owned(), |sum| format!("expected {}", usd(sum)));
        let booked = self.observed.map_or_else(|| "not looked up".to_owned(), |sum| format!("booked {}", usd(sum)));
        let apart = |ratio: &f64| (ratio - 1.0).abs() >= 0.05;
        let ratio = self.ratio().filter(apart).map_or_else(String::new, |ratio| format!(" ({ratio:.1}×)"));
        format!("{expected}, {booked}{ratio}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_aligned_drifted_or_unknown() {
        for (expected, observed, money) in [
            (Some(0.067), Some(0.067), Money::Aligned),
            (Some(0.067), Some(0.07), Money::Aligned),
            (Some(0.067), Some(0.134), Money::Above),
            (Some(0.067), Some(0.037), Money::Below),
            (Some(0.0), Some(0.0), Money::Aligned),
            (Some(0.0), Some(0.067), Money::Above),
            (None, Some(0.1), Money::Unknown),
            (Some(0.067), None, Money::Unknown),
        ] {
            assert_eq!(Costs { expected, observed }.money(0.1), money, "{expected:?} {observed:?}");
        }
    }

    #[test]
    fn both_figures_are_said() {
        let drifted = Costs { expected: Some(0.067), observed: Some(0.134) };
        assert_eq!(drifted.sentence(), "expected $0.067, booked $0.134 (2.0×)");
        assert_eq!(Costs { expected: None, observed: None }.sentence(), "no expectation, not looked up");
    }
}
