//! Keeps lanes readable and pages small: what is too short to be seen becomes one with its neighbours, and is
//! said to be several.

use crate::timeline::{Mark, Span};

/// A span as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Drawn {
    pub(super) from_ns: u64,
    pub(super) to_ns: u64,
    pub(super) label: String,
    /// How many it is.
    pub(super) count: usize,
    /// Whether something in it went wrong.
    pub(super) failed: bool,
}

/// Spans of one lane, in order; neighbours that are both shorter than `grain_ns` and no further apart are
/// one.
pub(super) fn spans(all: &[Span], grain_ns: u64) -> Vec<Drawn> {
    let mut out: Vec<Drawn> = Vec::new();
    for span in all {
        let is_short = |from: u64, to: u64| to.saturating_sub(from) < grain_ns;
        match out.last_mut() {
            Some(last)
                if is_short(span.from_ns, span.to_ns)
                    && (last.count > 1 || is_short(last.from_ns, last.to_ns))
                    && is_short(last.to_ns, span.from_ns) =>
            {
                last.to_ns = span.to_ns;
                last.count += 1;
                last.label = format!("{} changes, the last: {}", last.count, span.label);
            }
            _ => out.push(Drawn {
                from_ns: span.from_ns,
                to_ns: span.to_ns,
                label: span.label.clone(),
                count: 1,
                failed: false,
            }),
        }
    }
    out
}

/// Marks of one lane, in order; those within `grain_ns` of the first are one.
pub(super) fn marks(all: &[Mark], grain_ns: u64) -> Vec<Drawn> {
    const NAMED: usize = 12;
    let mut out: Vec<Drawn> = Vec::new();
    for mark in all {
        let one =
            if mark.site.is_empty() { mark.label.clone() } else { format!("{}  {}", mark.site, mark.label) };
        match out.last_mut() {
            Some(last) if mark.at_ns.saturating_sub(last.from_ns) <= grain_ns => {
                last.count += 1;
                last.failed |= mark.failed;
                if last.count <= NAMED {
                    last.label = format!("{}\n{one}", last.label);
                } else if last.count == NAMED + 1 {
                    last.label.push_str("\n…");
                }
            }
            _ => out.push(Drawn {
                from_ns: mark.at_ns,
                to_ns: mark.at_ns,
                label: one,
                count: 1,
                failed: mark.failed,
            }),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from_ns: u64, to_ns: u64) -> Span {
        Span { from_ns, to_ns, label: from_ns.to_string() }
    }

    #[test]
    fn what_cannot_be_seen_alone_is_one_with_its_neighbours() {
        let all =
            [span(0, 100), span(100, 101), span(101, 103), span(104, 105), span(200, 201), span(300, 500)];
        let drawn: Vec<_> = spans(&all, 10).into_iter().map(|d| (d.from_ns, d.to_ns, d.count)).collect();
        assert_eq!(drawn, [(0, 100, 1), (100, 105, 3), (200, 201, 1), (300, 500, 1)]);
        let many: Vec<_> = (0..100_000).map(|at| span(at, at + 1)).collect();
        assert_eq!(spans(&many, 66).len(), 1);
        let mark = |at_ns, failed| Mark { at_ns, site: String::new(), label: "x".to_owned(), failed };
        let drawn: Vec<_> = marks(&[mark(0, false), mark(5, true), mark(20, false)], 10)
            .into_iter()
            .map(|d| (d.from_ns, d.count, d.failed))
            .collect();
        assert_eq!(drawn, [(0, 2, true), (20, 1, false)]);
    }
}
