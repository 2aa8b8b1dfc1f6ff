//! Metrics in the output of simulated programs.

/// The number at a dotted path in the first JSON of a text.
pub(crate) fn find(_output: &str, _metric: &str) -> Option<f64> {
    None
}
