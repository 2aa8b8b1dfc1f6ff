//! The lanes: steps, actions, notices and schedulers, then each cgroup's, on one axis; and the same as a
//! table for those who read.

use super::axis::Axis;
use super::cpus::CpuLanes;
use super::limits;
use super::thin::{self, Drawn};
use super::writer::Writer;
use crate::timeline::{CgroupLanes, Gap, Span, Timeline};
use ktstr_file::report::RunReport;
use ktstr_file::report::text::{counted, time};

/// How many cgroups have lanes.
const CGROUPS: usize = 150;
/// How many gaps are marked, and listed.
pub(super) const GAPS: usize = 12;
/// How much of the axis a mark needs for words beside it, in percent.
const ROOM: f64 = 8.0;
/// How long a gap is at least that is marked in its lane, in percent of the axis.
const SEEN: f64 = 0.15;
/// How many rows the table has.
const ROWS: usize = 600;
/// How many bytes the lanes of cgroups have at most: with more, the rest is said to be cut.
const BYTES: usize = 450_000;
/// The colours of cgroups; what is beyond begins again with another pattern.
pub(super) const HUES: [&str; 8] = ["h0", "h1", "h2", "h3", "h4", "h5", "h6", "h7"];

pub(super) fn timeline(
    page: &mut Writer,
    report: &RunReport,
    timeline: &Timeline,
    cpus: Option<&CpuLanes<'_>>,
) {
    page.raw("<section id=\"timeline\"><h2>Timeline</h2>\n");
    if report.events.is_empty() {
        page.raw("<p class=\"quiet\">Nothing was done.</p></section>\n");
        return;
    }
    let axis = Axis::new(timeline.end_ns);
    open(page, axis);
    let more = content(page, axis, timeline, cpus);
    close(page);
    if more > 0 {
        let more = counted(more as u64, "more cgroup has", "more cgroups have");
        page.element("<p class=\"cut\">", more, " no lanes here; the report has all.</p>\n");
    }
    table(page, timeline);
    page.raw("</section>\n");
}

/// Begins the box of the lanes: what moves in it, and the ruler.
pub(super) fn open(page: &mut Writer, axis: Axis) {
    controls(page, axis.end_ns());
    page.raw("<div class=\"lanes\" id=\"lanes\" tabindex=\"0\" role=\"group\" aria-label=\"");
    page.raw("Lanes on one axis of time; arrow keys move the cursor, plus and minus zoom. The same is in the table below.");
    page.raw("\">\n");
    ruler(page, axis);
}

/// Ends it, with the words for what is drawn.
pub(super) fn close(page: &mut Writer) {
    page.raw("</div>\n");
    legend(page);
}

/// The lanes of one run; how many cgroups have none.
pub(super) fn content(
    page: &mut Writer,
    axis: Axis,
    timeline: &Timeline,
    cpus: Option<&CpuLanes<'_>>,
) -> usize {
    phases(page, axis, timeline);
    marks(page, axis, timeline);
    lane(page, axis, "scheduler", "", "sched", &timeline.schedulers);
    if let Some(cpus) = cpus {
        cpus.draw(page, axis);
    }
    let room = page.len() + BYTES;
    let mut shown = 0;
    for (number, lanes) in timeline.cgroups.iter().take(CGROUPS).enumerate() {
        if page.len() > room {
            break;
        }
        cgroup(page, axis, timeline, lanes, HUES[number % HUES.len()]);
        shown += 1;
    }
    timeline.cgroups.len() - shown
}

fn controls(page: &mut Writer, end_ns: u64) {
    page.raw("<div class=\"controls\" data-end=\"").text(end_ns).raw("\" id=\"controls\" hidden>");
    page.raw("<button type=\"button\" id=\"out\" aria-label=\"Zoom out\">−</button>");
    page.raw("<button type=\"button\" id=\"fit\">all</button>");
    page.raw("<button type=\"button\" id=\"in\" aria-label=\"Zoom in\">+</button>");
    page.raw("<output id=\"readout\" aria-live=\"polite\">Point at the lanes, or use the arrow keys.</output></div>\n");
}

fn ruler(page: &mut Writer, axis: Axis) {
    page.raw("<div class=\"lane ruler\"><div class=\"name\"></div><div class=\"track\">");
    for (at, words) in axis.ticks() {
        let place = axis.place(at);
        page.raw(if place > 94.0 { "<i class=\"tick late\"" } else { "<i class=\"tick\"" });
        page.placed(place, 0.0).raw("><b>").text(words).raw("</b></i>");
    }
    page.raw("</div></div>\n");
}

fn phases(page: &mut Writer, axis: Axis, timeline: &Timeline) {
    lane(page, axis, "steps", "steps", "phase", &timeline.phases);
}

fn marks(page: &mut Writer, axis: Axis, timeline: &Timeline) {
    let grain = axis.grain_ns() * 4;
    for (name, class, all) in [
        ("actions", "op", thin::marks(&timeline.ops, grain)),
        ("noticed", "op notice", thin::marks(&timeline.notices, grain)),
    ] {
        if all.is_empty() {
            continue;
        }
        page.raw("<div class=\"lane\"><div class=\"name\">").raw(name).raw("</div><div class=\"track\">");
        for (number, mark) in all.iter().enumerate() {
            let next = all.get(number + 1).map_or(100.0, |next| axis.place(next.from_ns));
            let (place, room) = (axis.place(mark.from_ns), next - axis.place(mark.from_ns));
            page.raw("<i class=\"").raw(class).raw(if mark.failed { " bad\"" } else { "\"" });
            page.placed(place, room);
            page.raw(" title=\"").text(time(mark.from_ns as f64)).raw("\n").lines(&mark.label).raw("\">");
            if room > ROOM {
                page.element("<b>", caption(mark), "</b>");
            }
            page.raw("</i>");
        }
        page.raw("</div></div>\n");
    }
}

/// The words beside a mark: its first action without its site, and how many more there are.
fn caption(mark: &Drawn) -> String {
    let first = mark.label.lines().next().unwrap_or_default();
    let first = first.split_once("  ").map_or(first, |(_, action)| action);
    match mark.count {
        1 => first.to_owned(),
        count => format!("{first} (+{})", count - 1),
    }
}

/// One lane; nothing where it has no spans.
fn lane(page: &mut Writer, axis: Axis, name: &str, extra: &'static str, class: &'static str, spans: &[Span]) {
    if spans.is_empty() {
        return;
    }
    page.raw("<div class=\"lane ")
        .raw(extra)
        .raw("\"><div class=\"name\">")
        .text(name)
        .raw("</div><div class=\"track\">");
    for drawn in thin::spans(spans, axis.grain_ns()) {
        span(page, axis, class, &drawn);
    }
    page.raw("</div></div>\n");
}

fn span(page: &mut Writer, axis: Axis, class: &'static str, drawn: &Drawn) {
    let (from, to) = (axis.place(drawn.from_ns), axis.place(drawn.to_ns));
    let several = if drawn.count > 1 { " several" } else { "" };
    page.raw("<i class=\"s ").raw(class).raw(several).raw("\"").placed(from, to - from);
    page.raw(" title=\"").text(&drawn.label).raw("\n");
    page.text(time(drawn.from_ns as f64)).raw(" to ").text(time(drawn.to_ns as f64)).raw("\"");
    page.raw("><b>").text(&drawn.label).raw("</b></i>");
}

fn cgroup(page: &mut Writer, axis: Axis, timeline: &Timeline, lanes: &CgroupLanes, hue: &'static str) {
    page.raw("<div class=\"cgroup ").raw(hue).raw("\">\n<div class=\"lane main\"><div class=\"name\"><b>");
    let (above, own) = lanes.path.rsplit_once('/').unwrap_or(("", &lanes.path));
    if !above.is_empty() {
        page.raw("<small>").text(above).raw("/</small>");
    }
    page.text(if own.is_empty() { "(runner)" } else { own }).raw("</b></div><div class=\"track\">");
    for (class, spans) in [("life", &lanes.lives), ("run", &lanes.running), ("frozen", &lanes.frozen)] {
        for drawn in thin::spans(spans, axis.grain_ns()) {
            span(page, axis, class, &drawn);
        }
    }
    page.raw("</div></div>\n");
    lane(page, axis, "cpuset in force", "sub", "cpuset", &lanes.cpusets);
    for (file, spans) in lanes.limits.iter().take(16) {
        lane(page, axis, file, "sub", "limit", &limits::shown(file, spans));
    }
    for payload in rows(&lanes.payloads) {
        lane(page, axis, "payload", "sub", "payload", &payload);
    }
    gaps(page, axis, timeline, lanes);
    page.raw("</div>\n");
}

/// Spans that overlap each other, in as few lanes as they need, eight at most.
fn rows(spans: &[Span]) -> Vec<Vec<Span>> {
    let mut rows: Vec<Vec<Span>> = Vec::new();
    for span in spans {
        let fits = |row: &&mut Vec<Span>| row.last().is_none_or(|last| last.to_ns <= span.from_ns);
        if let Some(row) = rows.iter_mut().find(fits) {
            row.push(span.clone());
        } else if rows.len() < 8 {
            rows.push(vec![span.clone()]);
        }
    }
    rows
}

/// Whether a gap is long enough for a mark of its own.
pub(super) fn is_marked(axis: Axis, gap: &Gap) -> bool {
    axis.place(gap.to_ns) - axis.place(gap.from_ns) >= SEEN
}

/// The lanes of the gaps that are listed, each mark with its number; none where they are too short to be
/// seen.
fn gaps(page: &mut Writer, axis: Axis, timeline: &Timeline, lanes: &CgroupLanes) {
    let listed = timeline.gaps.iter().take(GAPS).enumerate();
    let own: Vec<_> = listed.filter(|(_, gap)| gap.cgroup == lanes.path && is_marked(axis, gap)).collect();
    let mut rows: Vec<Vec<(usize, &Gap)>> = Vec::new();
    for (number, gap) in own {
        let is_beside = |(_, other): &(usize, &Gap)| other.to_ns < gap.from_ns || gap.to_ns < other.from_ns;
        match rows.iter().position(|row| row.iter().all(is_beside)) {
            Some(row) => rows[row].push((number, gap)),
            None => rows.push(vec![(number, gap)]),
        }
    }
    for row in rows {
        page.raw("<div class=\"lane sub\"><div class=\"name\">longest gaps</div><div class=\"track\">");
        for (number, gap) in row {
            let (from, to) = (axis.place(gap.from_ns), axis.place(gap.to_ns));
            page.raw("<a class=\"gap\" id=\"lane-gap-")
                .text(number + 1)
                .raw("\" href=\"#gap-")
                .text(number + 1);
            page.raw("\"").placed(from, to - from).raw(" title=\"worker ").text(gap.worker).raw(", ");
            page.text(time(gap.length_ns() as f64)).raw("\"><b>").text(number + 1).raw(" · ");
            page.text(time(gap.length_ns() as f64)).raw("</b></a>");
        }
        page.raw("</div></div>\n");
    }
}

fn legend(page: &mut Writer) {
    page.raw("<p class=\"legend\"><i class=\"s run h0\"><b>workers that run</b></i> <i class=\"s frozen\"><b>frozen</b></i> ");
    page.raw("<i class=\"s cpuset\"><b>CPUs in force</b></i> <i class=\"s limit\"><b>a limit</b></i> ");
    page.raw("<i class=\"s payload\"><b>a payload</b></i> <i class=\"s several\"><b>several, too short to be seen</b></i> ");
    page.raw("<i class=\"key\">▾</i> an action, <i class=\"key bad\">✗</i> one that failed, ");
    page.raw("<i class=\"key gapkey\">3</i> a long gap by its number below</p>\n");
}

/// The lanes as rows.
fn table(page: &mut Writer, timeline: &Timeline) {
    let mut rows: Vec<[String; 5]> = Vec::new();
    let mut add = |who: &str, lane: &str, spans: &[Span]| {
        for span in spans {
            if rows.len() <= ROWS {
                let (from, to) = (time(span.from_ns as f64), time(span.to_ns as f64));
                rows.push([who.to_owned(), lane.to_owned(), from, to, span.label.clone()]);
            }
        }
    };
    add("the run", "steps", &timeline.phases);
    add("the run", "scheduler", &timeline.schedulers);
    for lanes in &timeline.cgroups {
        let who = if lanes.path.is_empty() { "(runner)" } else { &lanes.path };
        for (name, spans) in [
            ("there", &lanes.lives),
            ("workers", &lanes.running),
            ("frozen", &lanes.frozen),
            ("cpuset in force", &lanes.cpusets),
            ("payload", &lanes.payloads),
        ] {
            add(who, name, spans);
        }
        for (file, spans) in &lanes.limits {
            add(who, file, spans);
        }
    }
    page.raw("<details><summary>The same as a table</summary>\n");
    let is_cut = rows.len() > ROWS;
    rows.truncate(ROWS);
    page.table(["who", "lane", "from", "to", "what"], &rows);
    if is_cut {
        page.raw("<p class=\"cut\">There is more; the report has all.</p>\n");
    }
    page.raw("</details>\n");
}
