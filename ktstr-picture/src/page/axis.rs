//! The axis of time: places on it in percent, and its ticks at round numbers.

use ktstr_file::report::text::time;

/// From 0 to an end.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    end_ns: u64,
}

impl Axis {
    pub(super) fn new(end_ns: u64) -> Self {
        Self { end_ns: end_ns.max(1) }
    }

    /// Where a time is, in percent.
    pub(super) fn place(self, at_ns: u64) -> f64 {
        at_ns.min(self.end_ns) as f64 / self.end_ns as f64 * 100.0
    }

    /// Where it ends.
    pub(super) fn end_ns(self) -> u64 {
        self.end_ns
    }

    /// What is too short to be seen, in nanoseconds.
    pub(super) fn grain_ns(self) -> u64 {
        self.end_ns / 1500
    }

    /// Round times, four to ten of them, with their words.
    pub(super) fn ticks(self) -> Vec<(u64, String)> {
        let mut step = 1_u64;
        while self.end_ns / step > 10 {
            // 1, 2, 5, 10, 20, 50 …
            let is_two = step.to_string().starts_with('2');
            let next = if is_two { (step / 2).saturating_mul(5) } else { step.saturating_mul(2) };
            if next <= step {
                break;
            }
            step = next;
        }
        (0..=self.end_ns / step).map(|number| (number * step, words(number * step))).collect()
    }
}

/// A round time without digits that say nothing.
fn words(ns: u64) -> String {
    if ns == 0 {
        return "0".to_owned();
    }
    let (unit, name) = match ns {
        ns if ns >= 1_000_000_000 => (1e9, "s"),
        ns if ns >= 1_000_000 => (1e6, "ms"),
        ns if ns >= 1_000 => (1e3, "us"),
        _ => return time(ns as f64),
    };
    format!("{} {name}", ns as f64 / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        let words = |end| Axis::new(end).ticks().into_iter().map(|(_, words)| words).collect::<Vec<_>>();
        assert_eq!(
            words(900_000_000),
            ["0", "100 ms", "200 ms", "300 ms", "400 ms", "500 ms", "600 ms", "700 ms", "800 ms", "900 ms"]
        );
        assert_eq!(words(2_500_000_000), ["0", "500 ms", "1 s", "1.5 s", "2 s", "2.5 s"]);
        for end in [0, 1, 9, 12_345, 61_000_000_000, u64::MAX] {
            assert!((1..=11).contains(&Axis::new(end).ticks().len()), "{end}");
        }
    }
}
