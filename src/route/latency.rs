//! Percentiles of times, by nearest rank, always with the number they rest on.

/// Milliseconds. With fewer than two values there are none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Percentiles {
    pub n: usize,
    pub p50: Option<f64>,
    pub p90: Option<f64>,
    pub p95: Option<f64>,
}

impl Percentiles {
    pub fn of(values: impl IntoIterator<Item = f64>) -> Percentiles {
        let mut values: Vec<f64> = values.into_iter().filter(|ms| ms.is_finite() && *ms >= 0.0).collect();
        values.sort_by(f64::total_cmp);
        let n = values.len();
        let rank = |percent: usize| values.get((percent * n).div_ceil(100).max(1) - 1).copied().filter(|_| n > 1);
        Percentiles { n, p50: rank(50), p90: rank(90), p95: rank(95) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_is_no_percentile() {
        assert_eq!(Percentiles::of([]), Percentiles::default());
        assert_eq!(Percentiles::of([3.0]), Percentiles { n: 1, ..Percentiles::default() });
        let two = Percentiles::of([2.0, f64::NAN, 1.0, -1.0]);
        assert_eq!((two.n, two.p50, two.p95), (2, Some(1.0), Some(2.0)));
        let twenty = Percentiles::of((1..=20).map(f64::from));
        assert_eq!((twenty.p50, twenty.p90, twenty.p95), (Some(10.0), Some(18.0), Some(19.0)));
    }
}
