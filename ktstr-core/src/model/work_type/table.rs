//! The macro that makes an enum of work types, and all that is known of them, out of rows.
//!
//! A row is its documentation, its name, its constructor with those arguments that are mostly said, and its
//! arguments: each with documentation, type, usual value, the range that is valid, and what the others leave
//! of that. Then follow how many workers work together, whether the loop waits, and what one iteration costs;
//! these can speak of the arguments.

macro_rules! work_types {
    (
        $(#[doc = $enum_doc:literal])+
        $vis:vis enum $Type:ident in $TABLE:ident;
        $(
            $(#[doc = $doc:literal])+
            $name:ident = $make:ident($( $param:ident: $param_type:ty ),* $(,)?) $({
                $(
                    $(#[doc = $arg_doc:literal])+
                    $arg:ident: $kind:ident = $usual:expr
                        $(, from $range:expr $(, at most $most:expr)?)?;
                )+
            })?,
            team: $team:expr, wakes: $wakes:expr, profile: $profile:expr;
        )+
    ) => {
        $(#[doc = $enum_doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        $vis enum $Type {
            $(
                $(#[doc = $doc])+
                $name $({ $( $(#[doc = $arg_doc])+ $arg: $kind ),+ })?
            ),+
        }

        impl Default for $Type {
            /// The first row with its usual arguments.
            fn default() -> Self {
                Self::DEFAULTS[0]
            }
        }

        /// The rows of the table, in order.
        $vis static $TABLE: [WorkTypeInfo<$Type>; $Type::COUNT] = [$( WorkTypeInfo {
            name: stringify!($name),
            doc: concat!($($doc),+).trim_ascii(),
            fields: &[$($(
                FieldInfo::may(
                    stringify!($arg),
                    kind_of!($kind $(, $range)?),
                    concat!($($arg_doc),+).trim_ascii(),
                )
                .usually(value_of!($kind, $usual))
            ),+)?],
            constructor: stringify!($make),
            parameters: &[$( stringify!($param) ),*],
            usual: $Type::$name $({ $( $arg: $usual ),+ })?,
            team: stringify!($team),
            wakes: $wakes,
        } ),+];

        #[allow(unused_variables, unused_mut, unused_assignments)] // by rows without arguments
        impl $Type {
            /// How many work types there are.
            $vis const COUNT: usize = [$( stringify!($name) ),+].len();

            /// Their names, as scenario files spell them.
            $vis const ALL_NAMES: [&'static str; Self::COUNT] = [$( stringify!($name) ),+];

            /// One of each, with its usual arguments.
            $vis const DEFAULTS: [Self; Self::COUNT] = [$( Self::$name $({ $( $arg: $usual ),+ })? ),+];

            $(
                $(#[doc = $doc])+
                $vis const fn $make($( $param: $param_type ),*) -> Self {
                    let mut made = Self::$name $({ $( $arg: $usual ),+ })?;
                    $(
                        if let Self::$name { $param: place, .. } = &mut made {
                            *place = $param;
                        }
                    )*
                    made
                }
            )+

            /// Its row in the table.
            $vis const fn info(&self) -> &'static WorkTypeInfo<Self> {
                enum Row { $( $name ),+ }
                &$TABLE[match self { $( Self::$name { .. } => Row::$name as usize ),+ }]
            }

            /// Its name, as scenario files spell it.
            $vis const fn name(&self) -> &'static str {
                match self { $( Self::$name { .. } => stringify!($name) ),+ }
            }

            /// How many workers work together, 1 or more; the number of workers has to be a multiple of it. 1
            /// where the arguments are out of range.
            $vis const fn team_size(&self) -> u32 {
                if self.misfit().is_some() {
                    return 1;
                }
                let size: u32 = match *self { $( Self::$name { $( $( $arg ),+ )? } => $team ),+ };
                if size == 0 { 1 } else { size }
            }

            /// Whether it sleeps or waits, so that times from wake-up to running can be measured.
            $vis const fn wakes(&self) -> bool {
                match self { $( Self::$name { .. } => $wakes ),+ }
            }

            /// What one iteration costs; [`Profile::IDLE`] where the arguments are out of range.
            $vis const fn profile(&self) -> Profile {
                if self.misfit().is_some() {
                    return Profile::IDLE;
                }
                match *self { $( Self::$name { $( $( $arg ),+ )? } => $profile ),+ }
            }

            /// The first argument that is out of range.
            $vis const fn misfit(&self) -> Option<Misfit> {
                let mut at = 0;
                match *self {
                    $( Self::$name { $( $( $arg ),+ )? } => {
                        $($(
                            let kind = kind_of!($kind $(, $range $(, $most)?)?);
                            let value = value_of!($kind, $arg);
                            if !kind.admits(value) {
                                return Some(Misfit { field: &self.info().fields[at], value, kind });
                            }
                            at += 1;
                        )+)?
                    } )+
                }
                None
            }

            /// The kind of the argument with this index, with what the other arguments leave of its range.
            $vis const fn kind_of(&self, index: usize) -> Option<FieldKind> {
                let mut at = 0;
                match *self {
                    $( Self::$name { $( $( $arg ),+ )? } => {
                        $($(
                            if index == at {
                                return Some(kind_of!($kind $(, $range $(, $most)?)?));
                            }
                            at += 1;
                        )+)?
                    } )+
                }
                None
            }

            /// The argument with this index, in the order of the row.
            $vis const fn argument(&self, index: usize) -> Option<FieldValue> {
                let mut at = 0;
                match *self {
                    $( Self::$name { $( $( $arg ),+ )? } => {
                        $($(
                            if index == at {
                                return Some(value_of!($kind, $arg));
                            }
                            at += 1;
                        )+)?
                    } )+
                }
                None
            }

            /// Gives the argument with this index another value, be it in range or not; answers whether the
            /// value is of its type.
            $vis const fn set_argument(&mut self, index: usize, value: FieldValue) -> bool {
                let mut at = 0;
                match self {
                    $( Self::$name { $( $( $arg ),+ )? } => {
                        $($(
                            if index == at {
                                let Some(value) = argument_of!($kind, value) else { return false };
                                *$arg = value;
                                return true;
                            }
                            at += 1;
                        )+)?
                    } )+
                }
                false
            }
        }
    };
}

pub(super) use work_types;

#[cfg(test)]
mod tests {
    use crate::model::field::{FieldInfo, FieldKind, FieldValue};
    use crate::model::work_type::argument::{argument_of, kind_of, value_of, words};
    use crate::model::work_type::profile::{steady, waking};
    use crate::model::work_type::{Misfit, Profile, WorkTypeInfo};
    use serde::{Deserialize, Serialize};

    words! {
        /// What wakes the next one.
        enum Wire {
            /// A byte in a pipe.
            Pipe,
            /// A futex.
            Futex,
        }
    }

    work_types! {
        /// Types with teams of any size, and all kinds of arguments.
        enum Probe in PROBES;

        /// Does nothing of note.
        Plain = plain(),
        team: 1, wakes: false, profile: steady(1.0, 1.0);

        /// One waker, and those
        /// whom it wakes.
        Herd = herd(waiters: u32) {
            /// How many wait.
            waiters: u32 = 7, from 1..=1023;
            /// Whether the waker waits until all have run.
            round_trip: bool = true;
        },
        team: waiters + 1, wakes: true, profile: waking(0.3, 5_000.0, waiters as f64);

        /// A chain of wakers.
        Chain = chain(depth: u32, through: Wire) {
            /// How many there are.
            depth: u32 = 4, from 2..=1024;
            /// Which of them measures.
            at: u32 = 0, from 0..=1023, at most depth as u64 - 1;
            /// What each wakes the next with.
            through: Wire = Wire::Pipe;
        },
        team: depth, wakes: true, profile: waking(1.0 / depth as f64, 2_000.0, 1.0);
    }

    const _: () = assert!(Probe::herd(3).team_size() == 4 && Probe::herd(3).misfit().is_none());

    #[test]
    fn a_row_carries_teams_flags_words_and_ranges_that_hang_together() {
        assert_eq!((Probe::COUNT, Probe::ALL_NAMES), (3, ["Plain", "Herd", "Chain"]));
        assert_eq!(Probe::plain(), Probe::default());
        assert_eq!(Probe::herd(3), Probe::Herd { waiters: 3, round_trip: true });
        let chain = Probe::chain(9, Wire::Futex);
        assert_eq!(chain, Probe::Chain { depth: 9, at: 0, through: Wire::Futex });
        assert_eq!([chain.team_size(), Probe::plain().team_size()], [9, 1]);
        assert_eq!((chain.wakes(), chain.profile().cap), (true, 1.0 / 9.0));
        let info = chain.info();
        assert_eq!((chain.name(), info.name), ("Chain", "Chain"));
        assert_eq!((info.constructor, info.team), ("chain", "depth"));
        assert_eq!((info.parameters, info.fields.len()), (&["depth", "through"][..], 3));
        assert_eq!(info.fields[2].kind, FieldKind::Word { of: "Wire", words: &["Pipe", "Futex"] });
        assert_eq!(info.fields[2].usual, Some(FieldValue::Word(0)));
        assert_eq!(PROBES[1].doc, "One waker, and those whom it wakes.");
        let usual: [Probe; 3] = core::array::from_fn(|index| PROBES[index].usual);
        assert_eq!(usual, Probe::DEFAULTS);
    }

    #[test]
    fn arguments_are_read_and_set_by_index() {
        let mut chain = Probe::DEFAULTS[2];
        for (index, value, is_set) in [
            (0, FieldValue::Count(5), true),
            (0, FieldValue::Count(1 << 32), false),
            (1, FieldValue::Flag(true), false),
            (1, FieldValue::Count(4), true),
            (2, FieldValue::Word(1), true),
            (2, FieldValue::Word(2), false),
            (3, FieldValue::Count(0), false),
        ] {
            assert_eq!(chain.set_argument(index, value), is_set, "{index} {value:?}");
        }
        assert_eq!(chain, Probe::Chain { depth: 5, at: 4, through: Wire::Futex });
        let read = [0, 1, 2, 3].map(|index| chain.argument(index));
        let set = [FieldValue::Count(5), FieldValue::Count(4), FieldValue::Word(1)].map(Some);
        assert_eq!(read, [set[0], set[1], set[2], None]);
        assert_eq!(chain.kind_of(1), Some(FieldKind::Count { least: 0, most: 4 }));
        chain.set_argument(1, FieldValue::Count(5));
        let misfit = chain.misfit().expect("it is out of range");
        assert_eq!((misfit.field.key, misfit.value), ("at", FieldValue::Count(5)));
        assert_eq!(chain.profile(), Profile::IDLE);
    }
}
