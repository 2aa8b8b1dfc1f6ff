//! What a report may still say where some virtual CPUs got more instructions than others in the same counted
//! time: what compares the work of CPUs says something of the emulator then, and nothing of the kernel.

use ktstr_core::Verdict;
use ktstr_file::report::RunReport;

/// Takes back the judgements that rest on equally fast CPUs, where they were not; the reason is among the
/// warnings.
pub(super) fn judge(mut report: RunReport) -> RunReport {
    if !report.vm.as_ref().is_some_and(|vm| vm.uneven) {
        return report;
    }
    for check in &mut report.checks {
        if check.kind.info().unit.compares_work() && matches!(check.verdict, Verdict::Pass | Verdict::Fail) {
            check.verdict = Verdict::Inconclusive;
        }
    }
    let judged = report.checks.iter().fold(Verdict::Skip, |all, check| all.and(check.verdict));
    let went_wrong = report.error.is_some() || !report.leftovers.is_empty();
    report.verdict = if went_wrong { report.verdict.and(judged) } else { judged };
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report of a run with these checks, as a guest sends it.
    fn report(uneven: bool, checks: &[(&str, &str)], verdict: &str) -> RunReport {
        let checks: Vec<_> = checks
            .iter()
            .map(|(kind, verdict)| {
                serde_json::json!({
                    "kind": kind, "subject": "g", "metric": null, "value": 1.0, "bound": 1.0, "verdict": verdict
                })
            })
            .collect();
        let vm = serde_json::json!({
            "kernel_release": "6.12", "kernel_sha256": "", "image_sha256": "", "qemu_version": "QEMU", "accel": "tcg",
            "memory_mib": 1, "command": [], "reproducible": true, "notes": [], "uneven": uneven
        });
        let text = serde_json::json!({
            "version": ktstr_file::report::VERSION, "scenario": "x", "backend": "vm", "backend_reason": "", "seed": 1,
            "verdict": verdict, "elapsed_ns": 1, "error": null, "checks": checks, "cgroups": [], "payloads": [],
            "captures": [], "events": [], "leftovers": [], "scenario_toml": "", "vm": vm,
            "topology": { "cpus": "0", "llcs": [], "nodes": [], "shape": null }
        });
        RunReport::from_json(&text.to_string()).unwrap()
    }

    #[test]
    fn what_compares_cpus_is_no_verdict_where_they_are_unequal() {
        for (uneven, checks, before, after) in [
            (
                true,
                &[("max_throughput_cv", "pass"), ("not_starved", "pass")][..],
                "pass",
                Verdict::Inconclusive,
            ),
            (
                true,
                &[("max_throughput_cv", "fail"), ("not_starved", "pass")][..],
                "fail",
                Verdict::Inconclusive,
            ),
            (true, &[("min_work_rate", "fail"), ("max_gap", "fail")][..], "fail", Verdict::Fail),
            (true, &[("max_throughput_cv", "skip"), ("max_gap", "pass")][..], "pass", Verdict::Pass),
            (false, &[("max_throughput_cv", "fail")][..], "fail", Verdict::Fail),
            (true, &[][..], "skip", Verdict::Skip),
        ] {
            let judged = judge(report(uneven, checks, before));
            assert_eq!(judged.verdict, after, "{checks:?}");
        }
    }
}
