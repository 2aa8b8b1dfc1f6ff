//! Operations that have to fail: which rules foretell it, and with which error. What fails changes nothing,
//! so whoever would change something here looks at [`Walk::is_to_fail`] first.

use super::ops::Named;
use super::walk::Walk;
use crate::model::errno::Errno;
use crate::model::op::{Op, OpKind};
use crate::validate::rules::ErrorKind;

/// What the kernel says of what these rules forbid, each in the one call that breaks it; nothing for a rule
/// about tasks that will not be there then, of which the kernel refuses only some.
const FORETOLD: [(ErrorKind, Option<Errno>); 14] = [
    (ErrorKind::TasksBesideLimits, None),
    (ErrorKind::SpawnFrozen, None),
    (ErrorKind::CgroupDuplicate, Some(Errno::EEXIST)),
    (ErrorKind::CgroupShadows, Some(Errno::EEXIST)),
    (ErrorKind::ParentMissing, Some(Errno::ENOENT)),
    (ErrorKind::HasChildren, Some(Errno::EBUSY)),
    (ErrorKind::TasksAboveLimits, Some(Errno::EBUSY)),
    (ErrorKind::LimitsBelowTasks, Some(Errno::EBUSY)),
    (ErrorKind::CpuWeight, Some(Errno::ERANGE)),
    (ErrorKind::CpuQuota, Some(Errno::EINVAL)),
    (ErrorKind::CpuPeriod, Some(Errno::EINVAL)),
    (ErrorKind::IoWeight, Some(Errno::EINVAL)),
    (ErrorKind::PidsRange, Some(Errno::EINVAL)),
    (ErrorKind::PidsTooFew, Some(Errno::EAGAIN)),
];

/// An operation that has to fail.
#[derive(Clone, Copy)]
pub(super) struct Failing {
    /// What the first rule that it breaks foretells.
    foretold: Option<Errno>,
}

impl<'a> Walk<'_, '_, 'a> {
    /// Judges an operation that has to fail with `errno`. A rule that foretells that is no error, and nothing
    /// comes of the operation.
    pub(super) const fn must_fail(&mut self, op: &Op<'a>, named: Named, errno: Errno) {
        if !can_fail(op.kind()) || is_several_writes(op) {
            self.report(ErrorKind::FailsInParts, op.kind().info().word);
            return;
        }
        self.needs.failing += 1;
        self.failing = Some(Failing { foretold: None });
        self.op(op, named);
        let failing = self.failing.take();
        match failing {
            Some(Failing { foretold: Some(foretold) }) if foretold.number() != errno.number() => {
                self.report_pair(ErrorKind::FailsOtherwise, op.kind().info().word, foretold.name());
            }
            Some(Failing { foretold: Some(_) }) | None => {}
            Some(Failing { foretold: None }) => self.needs.unforetold += 1,
        }
    }

    /// Whether the operation that is looked at has to fail, so that nothing comes of it.
    #[inline]
    pub(super) const fn is_to_fail(&self) -> bool {
        self.failing.is_some()
    }

    /// Whether a broken rule foretells the failure that there has to be.
    pub(super) const fn foretells(&mut self, kind: ErrorKind) -> bool {
        let Some(failing) = &mut self.failing else { return false };
        let mut i = 0;
        while i < FORETOLD.len() {
            let (rule, errno) = FORETOLD[i];
            if rule as u16 == kind as u16 {
                if failing.foretold.is_none() {
                    failing.foretold = errno;
                }
                return true;
            }
            i += 1;
        }
        false
    }
}

/// Whether it sets several control files.
const fn is_several_writes(op: &Op<'_>) -> bool {
    let Op::SetLimits { limits, .. } = op else { return false };
    match limits.named().split_first() {
        Some((_, rest)) => !rest.is_empty(),
        None => false,
    }
}

/// Whether an operation is one call to the kernel. Of others a part would stay.
const fn can_fail(kind: OpKind) -> bool {
    match kind {
        OpKind::AddCgroup
        | OpKind::RemoveCgroup
        | OpKind::SetCpuset
        | OpKind::SetLimits
        | OpKind::Spawn
        | OpKind::SetAffinity
        | OpKind::MoveAllTasks
        | OpKind::RunPayload
        | OpKind::FreezeCgroup
        | OpKind::UnfreezeCgroup
        | OpKind::KillCgroup
        | OpKind::WriteFile
        | OpKind::Reclaim
        | OpKind::SetNice
        | OpKind::SetSchedPolicy
        | OpKind::SteerIrq
        | OpKind::CaptureCgroupProcs => true,
        OpKind::AddCgroupDef
        | OpKind::ClearCpuset
        | OpKind::SwapCpusets
        | OpKind::StopCgroup
        | OpKind::WaitPayload
        | OpKind::KillPayload
        | OpKind::Expect
        | OpKind::AttachScheduler
        | OpKind::DetachScheduler
        | OpKind::ReplaceScheduler
        | OpKind::RestartScheduler => false,
    }
}
