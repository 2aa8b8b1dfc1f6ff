//! Operations: which frame each is played by, and the parts that several share. A file of its own for each
//! that takes more than one action; those of a single one share `once`.

pub(super) mod affinity;
pub(super) mod clear;
pub(super) mod cpuset;
pub(super) mod create;
pub(super) mod end_payload;
pub(super) mod expect;
pub(super) mod kill;
pub(super) mod moves;
pub(super) mod once;
pub(super) mod retune;
pub(super) mod run_payload;
pub(super) mod scheduling;
pub(super) mod set_limits;
pub(super) mod spawn;
pub(super) mod stop_group;
pub(super) mod swap;

use super::books::Running;
use super::chain::NONE;
use super::frame::Frame;
use super::run::Run;
use crate::execute::fault::{Fault, FaultKind};
use crate::model::op::{DEFAULT_WAIT, Op, OpKind};
use crate::model::placement::Placement;
use crate::validate::items::{Item, RUNNER};
use affinity::Affinity;
use clear::Clear;
use cpuset::Cpuset;
use create::Create;
use end_payload::End;
use expect::Expect;
use kill::Kill;
use moves::Move;
use once::{Once, What};
use retune::{Retune, Tuning};
use run_payload::StartPayload;
use scheduling::Scheduling;
use set_limits::SetLimits;
use spawn::{Spawn, Work};
use swap::Swap;

/// What plays an operation whose names come to `item`.
fn frame_of<'a>(run: &mut Run<'_, 'a>, op: &'a Op<'a>, item: Item) -> Result<Frame<'a>, Fault> {
    let at = item.cgroup;
    let frame = match *op {
        Op::AddCgroup { name, kept, .. } => Frame::Create(Create::new(item, name, None).kept(kept)),
        Op::AddCgroupDef { name, def, .. } => Frame::Create(Create::new(item, name, Some(def))),
        Op::RemoveCgroup { cgroup: path, fails: Some(_) } => once(at, What::Remove { path }),
        Op::RemoveCgroup { cgroup, .. } => Frame::Clear(Clear::new(at, cgroup, true)),
        Op::StopCgroup { cgroup, .. } => Frame::Clear(Clear::new(at, cgroup, false)),
        Op::SetCpuset { cgroup, ref cpus, .. } => {
            Frame::Cpuset(Cpuset::new(made(run, at, cgroup)?, cgroup, Some(cpus)))
        }
        Op::ClearCpuset { cgroup, .. } => Frame::Cpuset(Cpuset::new(made(run, at, cgroup)?, cgroup, None)),
        Op::SwapCpusets { a, b, .. } => Frame::Swap(Swap::new(run, (at, a), (item.other, b))?),
        Op::SetLimits { cgroup, limits, .. } => {
            Frame::SetLimits(SetLimits::new(made(run, at, cgroup)?, cgroup, limits))
        }
        Op::Spawn { placement, ref work, .. } => Frame::Spawn(Spawn { at, placement, work: Work::Op(work) }),
        Op::SetAffinity { cgroup, ref affinity, .. } => {
            made(run, at, cgroup)?;
            Frame::Affinity(Affinity::new(run, at, affinity))
        }
        Op::MoveAllTasks { from, to, .. } => {
            movable(run, (at, from), (item.other, to))?;
            Frame::Move(Move::new(at, item.other, to))
        }
        Op::RunPayload { payload, args, cgroup, .. } => {
            Frame::StartPayload(StartPayload { item, payload, args, placement: cgroup.into(), kept: false })
        }
        Op::WaitPayload { name, cgroup, timeout, .. } => {
            let (at, running) = find_payload(run, item, name, cgroup)?;
            let timeout = timeout.or(running.payload.timeout).unwrap_or(DEFAULT_WAIT);
            Frame::End(End::wait(at, running, timeout))
        }
        Op::KillPayload { name, cgroup, grace, .. } => {
            let (at, running) = find_payload(run, item, name, cgroup)?;
            Frame::End(End::kill_within(at, running, grace))
        }
        Op::FreezeCgroup { cgroup: path, .. } => once(at, What::Freeze { path }),
        Op::UnfreezeCgroup { cgroup: path, .. } => once(at, What::Thaw { path }),
        Op::KillCgroup { cgroup: path, fails: Some(_) } => once(at, What::Kill { path }),
        Op::KillCgroup { cgroup, .. } => Frame::Kill(Kill::new(made(run, at, cgroup)?, cgroup)),
        Op::WriteFile { cgroup: path, file, text, .. } => {
            once(made(run, at, path)?, What::WriteFile { path, file, text })
        }
        Op::Reclaim { cgroup: path, bytes, fails } => {
            once(made(run, at, path)?, What::Reclaim { path, bytes, whole: fails.is_some() })
        }
        Op::SetNice { cgroup, nice, .. } => retune(run, made(run, at, cgroup)?, Tuning::Nice(nice)),
        Op::SetSchedPolicy { cgroup, policy, .. } => {
            retune(run, made(run, at, cgroup)?, Tuning::Policy(policy))
        }
        Op::CaptureCgroupProcs { tag, cgroup: path, .. } => once(at, What::ReadProcs { path, tag }),
        Op::Expect { check, cgroup: None, .. } => Frame::Expect(Expect::new(NONE, "", check)),
        Op::Expect { check, cgroup: Some(cgroup), .. } => {
            Frame::Expect(Expect::new(made(run, at, cgroup)?, cgroup, check))
        }
        Op::SteerIrq { irq, cpu, .. } => once(item.other, What::SteerIrq { irq, cpu }),
        Op::AttachScheduler { scheduler, .. } => Frame::Scheduling(Scheduling::attach(scheduler)),
        Op::DetachScheduler { .. } => Frame::Scheduling(Scheduling::detach()),
        Op::ReplaceScheduler { scheduler, .. } => Frame::Scheduling(Scheduling::replace(scheduler)),
        Op::RestartScheduler { .. } => match run.scheduler {
            Some(scheduler) => Frame::Scheduling(Scheduling::replace(scheduler)),
            None => Frame::Scheduling(Scheduling::detach()),
        },
    };
    Ok(frame)
}

/// Whether tasks can be moved between two places, each with its number.
fn movable(run: &Run<'_, '_>, from: (u32, Placement<'_>), to: (u32, Placement<'_>)) -> Result<(), Fault> {
    if from.1 == to.1 {
        return Err(Fault::new(FaultKind::Invalid, "tasks cannot be moved to where they are"));
    }
    for (at, placement) in [from, to] {
        if let Placement::Cgroup(path) = placement {
            made(run, at, path)?;
        }
    }
    Ok(())
}

/// As [`frame_of`]. Where the operation has to fail, the cgroup that it names has to be there: what a name
/// without one fails with is not what the scenario means.
pub(super) fn checked_frame_of<'a>(
    run: &mut Run<'_, 'a>,
    op: &'a Op<'a>,
    item: Item,
) -> Result<Frame<'a>, Fault> {
    let names_none = op.makes().is_some() || op.kind() == OpKind::SteerIrq || item.cgroup == RUNNER;
    if op.expected_failure().is_some() && !names_none {
        made(run, item.cgroup, op.cgroup_named())?;
    }
    frame_of(run, op, item)
}

fn once(at: u32, what: What<'_>) -> Frame<'_> {
    Frame::Once(Once { at, what })
}

fn retune<'a>(run: &Run<'_, 'a>, at: u32, what: Tuning) -> Frame<'a> {
    Frame::Retune(Retune::new(run, at, what))
}

/// The cgroup that an operation names, if it was ever made, and is there still.
fn made(run: &Run<'_, '_>, at: u32, path: &str) -> Result<u32, Fault> {
    let there = at != RUNNER && run.books.cgroup(at).is_some();
    if there { Ok(at) } else { Err(Fault::new(FaultKind::Unknown, path)) }
}

/// The payload that runs in the cgroup that is said, or the last started of its name.
fn find_payload<'r, 'a>(
    run: &'r Run<'_, 'a>,
    item: Item,
    name: &str,
    place: Option<Placement<'_>>,
) -> Result<(u32, &'r Running<'a>), Fault> {
    let at = match place {
        Some(_) => item.payload,
        None if item.program == NONE => NONE,
        None => run.books.last_of_name(item.program),
    };
    match run.books.running(at) {
        Some(running) => Ok((at, running)),
        None => Err(Fault::new(FaultKind::Unknown, name)),
    }
}
