//! Faults on purpose: a wrapper around any backend that lets chosen actions fail, wait, lose a child or
//! crash.
//!
//! Actions are counted from 0 in the order in which they are performed. A failed action does not reach the
//! backend, so that it leaves nothing half-done.

use crate::backend::{Leaving, MockBackend};
use core::time::Duration;
use ktstr_core::{Action, ActionKind, Backend, Channel, Fault, FaultKind, Outcome};

/// Which actions a fault hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The one with this number.
    Nth(u64),
    /// That one and all after it.
    From(u64),
    /// The one with this number among those of a kind.
    NthOf(ActionKind, u64),
    /// All of a kind.
    Each(ActionKind),
}

/// What happens to an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It fails with this errno. Teardown actions fail like any other.
    Errno(i32),
    /// It fails with this kind of fault.
    Kind(FaultKind),
    /// So much time passes first: the kernel is slow to confirm.
    Delay(Duration),
    /// The newest child dies first.
    ChildDies,
    /// The newest child dies, and its process id goes to a stranger.
    PidReused,
    /// The scheduler that is attached leaves first.
    SchedulerLeaves(Leaving),
    /// The supervisor has ended, from here on.
    Crash,
}

/// How a backend suffers what cannot be done through actions. A backend without a hook is spared that fault.
#[derive(Debug)]
pub struct Hooks<B> {
    /// The supervisor is killed.
    pub crash: fn(&mut B),
    /// The newest child dies.
    pub child_dies: fn(&mut B),
    /// The newest child dies and its process id is used again.
    pub pid_reused: fn(&mut B),
    /// The scheduler that is attached leaves.
    pub scheduler_leaves: fn(&mut B, Leaving),
}

impl<B> Clone for Hooks<B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for Hooks<B> {}

impl<B> Default for Hooks<B> {
    fn default() -> Self {
        Self { crash: |_| {}, child_dies: |_| {}, pid_reused: |_| {}, scheduler_leaves: |_, _| {} }
    }
}

/// A backend with faults.
///
/// ```
/// use ktstr_core::Action;
/// use ktstr_core::Backend;
/// use ktstr_core::Controllers;
/// use ktstr_core::FaultKind;
/// use ktstr_core::Outcome;
/// use ktstr_core::Topology;
/// use ktstr_mock::fault::FaultInjector;
/// use ktstr_mock::MockBackend;
///
/// let mut broken = FaultInjector::on_mock(MockBackend::new(Topology::uniform(1, 1, 2, 1))).fail_once(1, 28);
/// assert_eq!(broken.perform(&Action::Prepare { controllers: Controllers::NONE }, &mut ()), Outcome::Done);
/// let Outcome::Failed(fault) = broken.perform(&Action::CreateCgroup { path: "a" }, &mut ()) else { panic!() };
/// assert_eq!(fault.kind, FaultKind::NoRoom);
/// assert_eq!(broken.perform(&Action::CreateCgroup { path: "a" }, &mut ()), Outcome::Done);
/// ```
#[derive(Debug)]
pub struct FaultInjector<B> {
    inner: B,
    hooks: Hooks<B>,
    plan: Vec<(When, What)>,
    seen: u64,
    seen_of: [u64; ActionKind::Finish as usize + 1],
    injected: u64,
    crashed: bool,
}

impl<B: Backend> FaultInjector<B> {
    /// A backend without hooks, and without faults yet.
    pub fn new(inner: B) -> Self {
        Self::with_hooks(inner, Hooks::default())
    }

    /// A backend with hooks, and without faults yet.
    pub fn with_hooks(inner: B, hooks: Hooks<B>) -> Self {
        let seen_of = [0; ActionKind::Finish as usize + 1];
        Self { inner, hooks, plan: Vec::new(), seen: 0, seen_of, injected: 0, crashed: false }
    }

    /// One more fault.
    #[must_use]
    pub fn inject(mut self, when: When, what: What) -> Self {
        self.plan.push((when, what));
        self
    }

    /// Action `n` fails with an errno, once.
    #[must_use]
    pub fn fail_once(self, n: u64, errno: i32) -> Self {
        self.inject(When::Nth(n), What::Errno(errno))
    }

    /// Action `n` and all after it fail with an errno.
    #[must_use]
    pub fn fail_from(self, n: u64, errno: i32) -> Self {
        self.inject(When::From(n), What::Errno(errno))
    }

    /// The supervisor is killed as it comes to action `n`.
    #[must_use]
    pub fn crash_at(self, n: u64) -> Self {
        self.inject(When::Nth(n), What::Crash)
    }

    /// Takes all faults out and counts from 0 again; the backend stays as it is.
    pub fn rearm(&mut self) {
        self.plan.clear();
        self.seen = 0;
        self.seen_of = [0; ActionKind::Finish as usize + 1];
        self.injected = 0;
        self.crashed = false;
    }

    /// One more fault, in place.
    pub fn add(&mut self, when: When, what: What) {
        self.plan.push((when, what));
    }

    /// Actions asked for so far.
    pub fn actions(&self) -> u64 {
        self.seen
    }

    /// Faults that have hit so far.
    pub fn injected(&self) -> u64 {
        self.injected
    }

    /// Whether the supervisor has crashed.
    pub fn has_crashed(&self) -> bool {
        self.crashed
    }

    /// The backend.
    pub fn inner(&self) -> &B {
        &self.inner
    }

    /// The backend, to change.
    pub fn inner_mut(&mut self) -> &mut B {
        &mut self.inner
    }

    /// The backend, without the wrapper.
    pub fn into_inner(self) -> B {
        self.inner
    }

    fn suffer(&mut self, what: &What, channel: &mut dyn Channel) -> Option<Outcome> {
        self.injected += 1;
        match what {
            What::Errno(errno) => return Some(Outcome::Failed(Fault::from_errno(*errno, "injected"))),
            What::Kind(kind) => return Some(Outcome::Failed(Fault::new(*kind, "injected"))),
            What::SchedulerLeaves(leaving) => {
                (self.hooks.scheduler_leaves)(&mut self.inner, leaving.clone());
            }
            &What::Delay(length) => _ = self.inner.perform(&Action::Hold { length }, channel),
            What::ChildDies => (self.hooks.child_dies)(&mut self.inner),
            What::PidReused => (self.hooks.pid_reused)(&mut self.inner),
            What::Crash => {
                self.crashed = true;
                (self.hooks.crash)(&mut self.inner);
                return Some(Outcome::Failed(Fault::new(FaultKind::Crashed, "")));
            }
        }
        None
    }
}

impl FaultInjector<MockBackend> {
    /// A mock, with hooks for everything.
    pub fn on_mock(inner: MockBackend) -> Self {
        let hooks = Hooks {
            crash: MockBackend::crash,
            child_dies: |mock| _ = mock.lose_child(),
            pid_reused: |mock| _ = mock.reuse_pid(),
            scheduler_leaves: |mock, leaving| _ = mock.lose_scheduler(leaving),
        };
        Self::with_hooks(inner, hooks)
    }

    /// Starts anew after a crash: what `ktstr clean` does. Gives how many cgroups it removed.
    pub fn recover(&mut self) -> u32 {
        self.crashed = false;
        self.inner.recover()
    }
}

impl When {
    fn hits(self, number: u64, kind: ActionKind, of_kind: u64) -> bool {
        match self {
            Self::Nth(n) => number == n,
            Self::From(n) => number >= n,
            Self::NthOf(which, n) => kind == which && of_kind == n,
            Self::Each(which) => kind == which,
        }
    }
}

impl<B: Backend> Backend for FaultInjector<B> {
    ktstr_core::forward_backend!(|this| this.inner);

    fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
        if self.crashed {
            return Outcome::Failed(Fault::new(FaultKind::Crashed, ""));
        }
        let (number, kind) = (self.seen, action.kind());
        let of_kind = self.seen_of[kind as usize];
        self.seen += 1;
        self.seen_of[kind as usize] += 1;
        for place in 0..self.plan.len() {
            if self.plan[place].0.hits(number, kind, of_kind) {
                let what = self.plan[place].1.clone();
                if let Some(outcome) = self.suffer(&what, channel) {
                    return outcome;
                }
            }
        }
        self.inner.perform(action, channel)
    }
}
