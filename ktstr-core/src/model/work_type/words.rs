//! The words that arguments of work types choose between.

use super::argument::words;

words! {
    /// How wide the registers are that [`AluHot`](super::WorkType::AluHot) multiplies in.
    pub enum AluWidth {
        /// One number at a time.
        Scalar,
        /// 128 bits.
        Vec128,
        /// 256 bits, or what the CPU has below that.
        Vec256,
        /// 512 bits, or what the CPU has below that.
        Vec512,
        /// The widest that the CPU has.
        Widest,
    }
}

words! {
    /// What kind of lock [`PriorityInversion`](super::WorkType::PriorityInversion) has.
    pub enum FutexLockMode {
        /// A common futex: whoever has it keeps its own priority.
        Plain,
        /// `FUTEX_LOCK_PI`: whoever has it inherits the priority of those that wait for it.
        Pi,
    }
}

words! {
    /// What a worker of a [`WakeChain`](super::WorkType::WakeChain) wakes the next one with.
    pub enum WakeMechanism {
        /// A byte in a pipe, which is a synchronous wake-up: the kernel expects the waker to sleep soon.
        Pipe,
        /// A futex that all of the chain sleep on.
        Futex,
    }
}

words! {
    /// The scheduling class of one of the two of [`AsymmetricWaker`](super::WorkType::AsymmetricWaker).
    pub enum SchedClass {
        /// What the other attributes of the worker say, normally `SCHED_OTHER`.
        Normal,
        /// `SCHED_BATCH`.
        Batch,
        /// `SCHED_IDLE`.
        Idle,
        /// `SCHED_FIFO` with the priority 1.
        Fifo,
        /// `SCHED_EXT`.
        Ext,
    }
}

words! {
    /// What a phase of a [`Sequence`](super::WorkType::Sequence) does.
    pub enum WorkPhase {
        /// Nothing: there is no such phase.
        Nothing,
        /// Spins.
        Spin,
        /// Sleeps.
        Sleep,
        /// Calls `sched_yield` again and again.
        Yield,
        /// Writes blocks, each onto the device before the next one.
        Io,
        /// Multiplies in the widest registers.
        AluHot,
    }
}
