//! The values of control files, each written by its kind: as TOML, and as the call that sets it in Rust.

use crate::render::rust_values as value;
use crate::render::toml_text::text;
use crate::render::words;
use crate::units::{render_duration, render_size};
use ktstr_core::{CpuMax, Knob, KnobKind, Setting};
use std::time::Duration;

/// The value of its key.
pub(crate) fn toml(knob: Knob, setting: Setting) -> String {
    match setting {
        Setting::Cpus(cpus) => words::cpuset(&cpus),
        Setting::Nodes(nodes) => words::list(&nodes),
        Setting::Number(number) => match knob.info().kind {
            KnobKind::Bytes | KnobKind::BytesOrMax => text(&render_size(number)),
            KnobKind::Flag => (number != 0).to_string(),
            KnobKind::Cpus
            | KnobKind::Nodes
            | KnobKind::Number
            | KnobKind::CountOrMax
            | KnobKind::Bandwidth => number.to_string(),
        },
        Setting::Max => text("max"),
        Setting::Bandwidth(max) => bandwidth(max),
    }
}

fn bandwidth(max: CpuMax) -> String {
    let micros = |us: u64| render_duration(Duration::from_micros(us));
    match (max, percent(max)) {
        (CpuMax::UNLIMITED, _) => text("max"),
        (_, Some(percent)) => text(&format!("{percent}%")),
        (CpuMax { quota_us: None, period_us }, _) => text(&format!("max/{}", micros(period_us))),
        (CpuMax { quota_us: Some(quota), period_us }, _) => {
            text(&format!("{}/{}", micros(quota), micros(period_us)))
        }
    }
}

/// A quota over the usual period as whole percent of a CPU, if it is that.
fn percent(max: CpuMax) -> Option<u32> {
    let CpuMax { quota_us: Some(quota), period_us: 100_000 } = max else { return None };
    if quota.is_multiple_of(1000) { u32::try_from(quota / 1000).ok() } else { None }
}

/// The call on a definition.
pub(crate) fn rust(knob: Knob, setting: Setting) -> String {
    let info = knob.info();
    let key = info.key;
    match setting {
        Setting::Cpus(cpus) => format!(".{key}({})", value::cpuset(&cpus)),
        Setting::Nodes(nodes) => format!(".{key}({})", value::nodes(&nodes)),
        Setting::Number(number) if info.kind == KnobKind::Flag => format!(".{key}({})", number != 0),
        Setting::Number(number) => format!(".{key}({number})"),
        Setting::Max => format!(".{}()", info.unlimited.unwrap_or(key)),
        Setting::Bandwidth(CpuMax::UNLIMITED) => ".cpu_unlimited()".to_owned(),
        Setting::Bandwidth(max) => match (percent(max), max.quota_us) {
            (Some(percent), _) => format!(".cpu_quota_pct({percent})"),
            (None, Some(quota)) => {
                let period = max.period_us;
                format!(".cpu_quota(Duration::from_micros({quota}), Duration::from_micros({period}))")
            }
            (None, None) => {
                format!(".{key}(CpuMax {{ quota_us: None, period_us: {} }})", max.period_us)
            }
        },
    }
}
