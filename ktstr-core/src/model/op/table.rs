//! The macro that makes the enum of operations and all that goes over their fields out of the rows.

/// A key of scenario files: the one that is said, or the field's name.
macro_rules! key {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $key:literal) => {
        $key
    };
}

macro_rules! ops {
    ($(
        $(#[doc = $doc:literal])+
        $variant:ident = $make:ident
            $(in $make_in:ident)? $(placed $at_cgroup:ident $at_runner:ident)? $(needs $controller:ident)?
        {
            $(
                $(#[doc = $field_doc:literal])+
                $(need $n:ident $($n_key:literal)?: $n_kind:ident)?
                $(may $m:ident $($m_key:literal)?: $m_kind:ident = $usual:expr)?;
            )*
        }
    )+) => {
        use crate::base::name::equal;
        use crate::model::cgroup_def::CgroupDef;
        use crate::model::controllers::{Controller, Controllers};
        use crate::model::cpuset_spec::CpusetSpec;
        use crate::model::errno::Errno;
        use crate::model::field::{FieldInfo, FieldKind, FieldValue};
        use crate::model::op::fields::*;
        use crate::model::op::info::{OpField, OpInfo, OpSource, OpValue};
        use crate::model::op::table::key;
        use crate::model::op::{MODIFIERS, Mentioned};
        use crate::model::payload::Payload;
        use crate::model::placement::Placement;
        use crate::model::scheduler::Scheduler;
        use core::time::Duration;
        use serde::Serialize;

        /// One operation. Cgroups are named by their path below the run's own cgroup.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
        pub enum Op<'a> {
            $(
                $(#[doc = $doc])+
                $variant {
                    $(
                        $(#[doc = $field_doc])+
                        $($n: field_type!('a $n_kind))? $($m: field_type!('a $m_kind))?,
                    )*
                    /// What it has to fail with; else it has to succeed.
                    fails: Option<Errno>,
                },
            )+
        }

        /// Which operation, without its arguments.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum OpKind {
            $( $(#[doc = $doc])+ $variant, )+
        }

        static OPS: [OpInfo; OpKind::ALL.len()] = [
            $( OpInfo {
                kind: OpKind::$variant,
                word: stringify!($make),
                placed: {
                    #[allow(unused_mut, unused_assignments)]
                    let mut placed = None;
                    $( placed = Some((stringify!($at_cgroup), stringify!($at_runner))); )?
                    placed
                },
                in_cgroup: {
                    #[allow(unused_mut, unused_assignments)]
                    let mut in_cgroup = None;
                    $( in_cgroup = Some(stringify!($make_in)); )?
                    in_cgroup
                },
                doc: concat!($($doc),+).trim_ascii_start(),
                fields: &[ $( FieldInfo {
                    key: $(key!($n $($n_key)?))? $(key!($m $($m_key)?))?,
                    kind: $(field_kind!($n_kind))? $(field_kind!($m_kind))?,
                    doc: concat!($($field_doc),+).trim_ascii_start(),
                    required: $(field_required!($n_kind))? $(field_required!(may $m_kind))?,
                    usual: $(field_usual!(need $n_kind))? $(field_usual!($m_kind $usual))?,
                }, )* ],
                controllers: Controllers::NONE$(.with(Controller::$controller))?,
            }, )+
        ];

        impl OpKind {
            /// All of them, in order.
            pub const ALL: [Self; [$(stringify!($variant)),+].len()] = [$(Self::$variant),+];

            /// What the row of the operation says.
            pub const fn info(self) -> &'static OpInfo {
                &OPS[self as usize]
            }

            /// An operation of this kind with fields from a source, each of which is asked for once, in
            /// order.
            #[inline]
            pub fn make<'a>(self, source: &mut impl OpSource<'a>) -> Option<Op<'a>> {
                match self {
                    $( Self::$variant => {
                        #[allow(unused_mut, unused_variables)] // some have no field
                        let mut fields = OPS[Self::$variant as usize].fields.iter();
                        $(
                            $( let $n = field_take!($n_kind source fields.next()?); )?
                            $( let $m = field_take!($m_kind source fields.next()?); )?
                        )*
                        $( $( let $n = $n?; )? )*
                        $( $( let $m = match $m { Some(given) => given, None => $usual }; )? )*
                        Some(Op::$variant { $( $($n,)? $($m,)? )* fails: source.fails() })
                    } )+
                }
            }
        }

        /// As many as [`Mentioned`] holds.
        const _: () = {
            let mut op = 0;
            while op < OPS.len() {
                let (mut field, mut names) = (0, 0);
                while field < OPS[op].fields.len() {
                    names += OPS[op].fields[field].kind.names_a_cgroup() as usize;
                    field += 1;
                }
                assert!(names <= 2, "an operation names more than two cgroups");
                op += 1;
            }
        };
        $( $( const _: () = { let _ = Op::$make_in; }; )? )+
        $( $( const _: () = { let (_, _) = (Op::$at_cgroup, Op::$at_runner); }; )? )+
        $( $( $( const _: () = {
            let needs_a_method = matches!(field_kind!($m_kind), FieldKind::Flag | FieldKind::Time { .. });
            let (mut i, mut has_one) = (0, false);
            while i < MODIFIERS.len() {
                has_one |= equal(MODIFIERS[i], key!($m $($m_key)?));
                i += 1;
            }
            assert!(has_one || !needs_a_method, concat!("no method of Op sets `", stringify!($m), "`"));
        }; )? )* )+

        /// Constructors: the fields that have to be said.
        impl<'a> Op<'a> {
            $(
                $(#[doc = $doc])+
                pub const fn $make($( $($n: field_argument!('a $n_kind),)? )*) -> Self {
                    Self::$variant { $( $($n: field_from!($n_kind $n),)? $($m: $usual,)? )* fails: None }
                }
            )+
        }

        #[allow(unused_variables, unused_mut, unreachable_code)] // most kinds of fields have no part in most of these
        impl<'a> Op<'a> {
            /// Most fields of an operation.
            pub const MAX_FIELDS: usize = {
                let (mut most, mut i) = (0, 0);
                while i < OPS.len() {
                    most = if OPS[i].fields.len() > most { OPS[i].fields.len() } else { most };
                    i += 1;
                }
                most
            };

            /// What it has to fail with, if it has to.
            #[inline]
            pub const fn expected_failure(&self) -> Option<Errno> {
                match self { $( Self::$variant { fails, .. } => *fails, )+ }
            }

            /// The same operation, which has to fail with this error; the scenario fails where it does not.
            #[must_use]
            pub const fn fails(mut self, errno: Errno) -> Self {
                match &mut self { $( Self::$variant { fails, .. } => *fails = Some(errno), )+ }
                self
            }

            /// Which operation it is.
            pub const fn kind(&self) -> OpKind {
                match self { $( Self::$variant { .. } => OpKind::$variant, )+ }
            }

            /// Its fields with their values, in order.
            pub fn fields<'v>(&'v self) -> impl Iterator<Item = OpField<'v, 'a>> {
                let mut all = [None; Self::MAX_FIELDS];
                let mut places = all.iter_mut().zip(self.kind().info().fields);
                match self { $( Self::$variant { $( $($n,)? $($m,)? )* .. } => { $(
                    $( if let Some((place, info)) = places.next() {
                        *place = Some(OpField {
                            info, value: field_value!($n_kind $n), is_argument: true, is_usual: false,
                        });
                    } )?
                    $( if let Some((place, info)) = places.next() {
                        let is_usual = *$m == $usual;
                        let value = field_value!($m_kind $m);
                        *place = Some(OpField { info, value, is_argument: false, is_usual });
                    } )?
                )* } )+ }
                all.into_iter().flatten()
            }

            /// The cgroups that it names.
            #[inline(always)] // validation looks them up ahead, in a loop
            pub(crate) const fn mentioned(&self) -> Mentioned<'a> {
                let mut found = Mentioned::NONE;
                match self { $( Self::$variant { $( $($n,)? $($m,)? )* .. } => { $(
                    $( field_mention!($n_kind $n found); )?
                    $( field_mention!($m_kind $m found); )?
                )* } )+ }
                found
            }

            /// The same operation with every cgroup name passed through `rename`.
            ///
            /// # Errors
            /// What `rename` fails with.
            pub fn try_rename_cgroups<E>(
                mut self,
                mut rename: impl FnMut(&'a str) -> Result<&'a str, E>,
            ) -> Result<Self, E> {
                match &mut self { $( Self::$variant { $( $($n,)? $($m,)? )* .. } => { $(
                    $( field_rename!($n_kind $n rename); )?
                    $( field_rename!($m_kind $m rename); )?
                )* } )+ }
                Ok(self)
            }

            /// The controllers that it needs.
            pub const fn controllers(&self) -> Controllers {
                let mut needs = OPS[self.kind() as usize].controllers;
                match self { $( Self::$variant { $( $($n,)? $($m,)? )* .. } => { $(
                    $( field_controllers!($n_kind $n needs); )?
                    $( field_controllers!($m_kind $m needs); )?
                )* } )+ }
                needs
            }

            /// How many entries validation makes for it at most.
            pub(crate) const fn entries(&self) -> usize {
                match self { $( Self::$variant { $( $($n,)? $($m,)? )* .. } => {
                    0 $( $(+ field_entries!($n_kind $n))? $(+ field_entries!($m_kind $m))? )*
                } )+ }
            }

            /// The CPUs that it gives a cgroup, if it gives it any.
            #[inline(always)]
            pub const fn cpuset(&self) -> Option<&CpusetSpec> {
                match self { $( Self::$variant { $( $($n,)? $($m,)? )* .. } => { $(
                    $( field_cpuset!($n_kind $n); )? $( field_cpuset!($m_kind $m); )?
                )* } )+ }
                None
            }

            /// The path of the cgroup that it makes, if it makes one.
            pub const fn makes(&self) -> Option<&'a str> {
                match self { $( Self::$variant { $( $($n,)? $($m,)? )* .. } => { $(
                    $( field_makes!($n_kind $n); )? $( field_makes!($m_kind $m); )?
                )* } )+ }
                None
            }

            /// The scheduler that it attaches, if it attaches one.
            pub const fn scheduler(&self) -> Option<&'a Scheduler<'a>> {
                match self { $( Self::$variant { $( $($n,)? $($m,)? )* .. } => { $(
                    $( field_scheduler!($n_kind $n); )? $( field_scheduler!($m_kind $m); )?
                )* } )+ }
                None
            }

            /// The cgroup with its limits and workers that it makes, if it makes one.
            pub const fn def(&self) -> Option<&'a CgroupDef<'a>> {
                match self { $( Self::$variant { $( $($n,)? $($m,)? )* .. } => { $(
                    $( field_def!($n_kind $n); )? $( field_def!($m_kind $m); )?
                )* } )+ }
                None
            }

            /// The payload that it starts, if it starts one.
            pub const fn payload(&self) -> Option<&'a Payload<'a>> {
                match self { $( Self::$variant { $( $($n,)? $($m,)? )* .. } => { $(
                    $( field_payload!($n_kind $n); )? $( field_payload!($m_kind $m); )?
                )* } )+ }
                None
            }

            /// The same operation with this flag, if it has it.
            pub(super) const fn with_flag(mut self, field: &str, value: bool) -> Self {
                match &mut self { $( Self::$variant { $( $($n,)? $($m,)? )* .. } => { $( $(
                    if equal(field, stringify!($m)) { field_set!(flag $m_kind $m value); }
                )? )* } )+ }
                self
            }

            /// The same operation with this length of time, if it has it.
            pub(super) const fn with_time(mut self, field: &str, value: Duration) -> Self {
                match &mut self { $( Self::$variant { $( $($n,)? $($m,)? )* .. } => { $( $(
                    if equal(field, stringify!($m)) { field_set!(time $m_kind $m value); }
                )? )* } )+ }
                self
            }

            /// The same operation with this name for what it makes; those that take it from nowhere else are
            /// returned as they are.
            #[must_use]
            pub const fn named(mut self, value: &'a str) -> Self {
                match &mut self { $( Self::$variant { $( $($n,)? $($m,)? )* .. } => { $( $(
                    field_set!(name $m_kind $m value);
                )? )* } )+ }
                self
            }

            /// The same operation in this place, if it can leave it open.
            pub(super) const fn placed(mut self, value: Placement<'a>) -> Self {
                match &mut self { $( Self::$variant { $( $($n,)? $($m,)? )* .. } => { $( $(
                    field_set!(place $m_kind $m value);
                )? )* } )+ }
                self
            }
        }
    };
}

pub(super) use key;
pub(super) use ops;
