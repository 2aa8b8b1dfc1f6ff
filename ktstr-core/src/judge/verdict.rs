//! The verdict of a check and of a run.

use serde::{Deserialize, Serialize};

/// How something ended. The worst one counts: Fail, then Inconclusive, then Pass, then Skip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing was judged.
    #[default]
    Skip,
    /// What was judged held.
    Pass,
    /// It could not be judged.
    Inconclusive,
    /// It did not hold.
    Fail,
}

impl Verdict {
    /// All of them, the worst last.
    pub const ALL: [Self; 4] = [Self::Skip, Self::Pass, Self::Inconclusive, Self::Fail];

    /// The worse of the two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// Whether nothing speaks against it: `Pass`, or `Skip`.
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Pass | Self::Skip)
    }

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Fail, Inconclusive, Pass, Skip};

    #[test]
    fn all_are_listed_the_worst_last() {
        assert_eq!(super::Verdict::ALL.map(|verdict| verdict as usize), [0, 1, 2, Fail as usize]);
        assert!(super::Verdict::ALL.is_sorted());
    }

    #[test]
    fn the_worst_counts() {
        for (a, b, both) in
            [(Skip, Pass, Pass), (Pass, Inconclusive, Inconclusive), (Fail, Inconclusive, Fail)]
        {
            assert_eq!(a.and(b), both);
            assert_eq!(b.and(a), both);
            assert_eq!(both.is_good(), a.is_good() && b.is_good());
        }
    }
}
