//! The macro that makes the checks of the rows in `table`.

/// The type of a bound in `Checks`.
macro_rules! bound_type {
    (flag) => { bool };
    (time) => { Option<Duration> };
    (number) => { Option<f64> };
}

/// The value that asks for nothing.
macro_rules! no_bound {
    (flag) => {
        false
    };
    (time) => {
        None
    };
    (number) => {
        None
    };
}

/// A bound as one type for all rows.
macro_rules! get_bound {
    (flag $place:expr) => {
        if $place { Some(CheckBound::Flag) } else { None }
    };
    (time $place:expr) => {
        match $place {
            Some(time) => Some(CheckBound::Time(time)),
            None => None,
        }
    };
    (number $place:expr) => {
        match $place {
            Some(number) => Some(CheckBound::Number(number)),
            None => None,
        }
    };
}

/// Takes a bound over; whether it is of the row's kind.
macro_rules! set_bound {
    (flag $place:expr, $bound:expr) => {
        if let CheckBound::Flag = $bound {
            $place = true;
            true
        } else {
            false
        }
    };
    (time $place:expr, $bound:expr) => {
        if let CheckBound::Time(time) = $bound {
            $place = Some(time);
            true
        } else {
            false
        }
    };
    (number $place:expr, $bound:expr) => {
        if let CheckBound::Number(number) = $bound {
            $place = Some(number);
            true
        } else {
            false
        }
    };
}

/// The method that asks for a check.
macro_rules! builder {
    ($doc:expr, $key:ident flag) => {
        #[doc = $doc]
        #[must_use]
        pub const fn $key(mut self) -> Self {
            self.$key = true;
            self
        }
    };
    ($doc:expr, $key:ident time) => {
        #[doc = $doc]
        #[must_use]
        pub const fn $key(mut self, bound: Duration) -> Self {
            self.$key = Some(bound);
            self
        }
    };
    ($doc:expr, $key:ident number) => {
        #[doc = $doc]
        #[must_use]
        pub const fn $key(mut self, bound: f64) -> Self {
            self.$key = Some(bound);
            self
        }
    };
}

/// How the bound of a row is said.
macro_rules! bound_kind {
    (flag $bound:expr) => {
        BoundKind::Flag($bound)
    };
    (time) => {
        BoundKind::Time
    };
    (number $range:expr) => {
        BoundKind::Number($range)
    };
}

/// The key that a bound shares with the other end of its range.
macro_rules! range {
    () => {
        None
    };
    ($key:ident $end:ident) => {
        Some((stringify!($key), RangeEnd::$end))
    };
}

macro_rules! checks {
    (
        always { $(
            $(#[doc = $adoc:literal])+
            $akind:ident $aname:literal = $abound:literal, $arelation:ident, $aunit:expr, $areading:expr;
        )+ }
        scenario { $(
            $(#[doc = $doc:literal])+
            $kind:ident $name:literal = $key:ident $(of $range:ident $end:ident)?: $how:ident $(($arg:expr))?, $relation:ident,
            $unit:expr, $of:ident,
            $reading:expr;
        )+ }
        payloads { $(
            $(#[doc = $pdoc:literal])+
            $pkind:ident $pname:literal, $prelation:ident, $punit:expr;
        )+ }
        ops { $(
            $(#[doc = $odoc:literal])+
            $okind:ident $oname:literal, $orelation:ident, $ounit:expr;
        )+ }
        comparisons { $(
            $(#[doc = $cdoc:literal])+
            $ckind:ident $cname:literal, $crelation:ident, $cunit:expr;
        )+ }
        schedulers { $(
            $(#[doc = $sdoc:literal])+
            $skind:ident $sname:literal, $srelation:ident, $sunit:expr;
        )+ }
    ) => {
        /// The expectations of a scenario. Each is judged for every group of workers. Nothing is expected
        /// unless it is said.
        #[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
        pub struct Checks {
            $( #[doc = concat!($($doc),+)] pub $key: bound_type!($how), )+
        }

        /// One kind of expectation; [`info`](Self::info) has its row.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
        pub enum CheckKind {
            $( #[doc = concat!($($adoc),+)] #[serde(rename = $aname)] $akind, )+
            $( #[doc = concat!($($doc),+)] #[serde(rename = $name)] $kind, )+
            $( #[doc = concat!($($pdoc),+)] #[serde(rename = $pname)] $pkind, )+
            $( #[doc = concat!($($odoc),+)] #[serde(rename = $oname)] $okind, )+
            $( #[doc = concat!($($cdoc),+)] #[serde(rename = $cname)] $ckind, )+
            $( #[doc = concat!($($sdoc),+)] #[serde(rename = $sname)] $skind, )+
        }

        impl CheckKind {
            /// How many there are.
            pub const COUNT: usize =
                [$(Self::$akind,)+ $(Self::$kind,)+ $(Self::$pkind,)+ $(Self::$okind,)+ $(Self::$ckind,)+ $(Self::$skind,)+].len();
            /// How many of them are said of groups of workers; they come first.
            pub(crate) const OF_GROUPS: usize = [$(Self::$akind,)+ $(Self::$kind,)+].len();
            /// All, in the order of the table.
            pub const ALL: [Self; Self::COUNT] =
                [$(Self::$akind,)+ $(Self::$kind,)+ $(Self::$pkind,)+ $(Self::$okind,)+ $(Self::$ckind,)+ $(Self::$skind,)+];
        }

        /// All rows, in the order of [`CheckKind::ALL`].
        pub static CHECKS: [CheckInfo; CheckKind::COUNT] = [
            $( CheckInfo {
                kind: CheckKind::$akind,
                name: $aname,
                key: "",
                range: None,
                doc: concat!($($adoc),+).trim_ascii(),
                unit: $aunit,
                relation: Relation::$arelation,
                of: CheckSubject::Groups,
                bound: BoundKind::Always($abound),
                reading: $areading,
            }, )+
            $( CheckInfo {
                kind: CheckKind::$kind,
                name: $name,
                key: stringify!($key),
                range: range!($($range $end)?),
                doc: concat!($($doc),+).trim_ascii(),
                unit: $unit,
                relation: Relation::$relation,
                of: CheckSubject::$of,
                bound: bound_kind!($how $($arg)?),
                reading: $reading,
            }, )+
            $( CheckInfo {
                kind: CheckKind::$pkind,
                name: $pname,
                key: "",
                range: None,
                doc: concat!($($pdoc),+).trim_ascii(),
                unit: $punit,
                relation: Relation::$prelation,
                of: CheckSubject::Payloads,
                bound: BoundKind::OfPayload,
                reading: Reading::Apart,
            }, )+
            $( CheckInfo {
                kind: CheckKind::$okind,
                name: $oname,
                key: "",
                range: None,
                doc: concat!($($odoc),+).trim_ascii(),
                unit: $ounit,
                relation: Relation::$orelation,
                of: CheckSubject::Ops,
                bound: BoundKind::OfPayload,
                reading: Reading::Apart,
            }, )+
            $( CheckInfo {
                kind: CheckKind::$ckind,
                name: $cname,
                key: "",
                range: None,
                doc: concat!($($cdoc),+).trim_ascii(),
                unit: $cunit,
                relation: Relation::$crelation,
                of: CheckSubject::Comparisons,
                bound: BoundKind::OfPayload,
                reading: Reading::Apart,
            }, )+
            $( CheckInfo {
                kind: CheckKind::$skind,
                name: $sname,
                key: "",
                range: None,
                doc: concat!($($sdoc),+).trim_ascii(),
                unit: $sunit,
                relation: Relation::$srelation,
                of: CheckSubject::Schedulers,
                bound: BoundKind::OfScheduler,
                reading: Reading::Apart,
            }, )+
        ];

        impl Checks {
            /// Nothing is expected.
            pub const NONE: Self = Self { $( $key: no_bound!($how), )+ };

            $( builder!(concat!($($doc),+), $key $how); )+

            /// The bound of a check, if it is asked for.
            pub const fn bound(&self, kind: CheckKind) -> Option<CheckBound> {
                match kind {
                    $( CheckKind::$kind => get_bound!($how self.$key), )+
                    $( CheckKind::$akind => None, )+
                    $( CheckKind::$pkind => None, )+
                    $( CheckKind::$okind => None, )+
                    $( CheckKind::$ckind => None, )+
                    $( CheckKind::$skind => None, )+
                }
            }

            /// Asks for a check; false where its bound is of another kind, or is not said in [`Checks`].
            pub const fn set(&mut self, kind: CheckKind, bound: CheckBound) -> bool {
                match kind {
                    $( CheckKind::$kind => set_bound!($how self.$key, bound), )+
                    $( CheckKind::$akind => false, )+
                    $( CheckKind::$pkind => false, )+
                    $( CheckKind::$okind => false, )+
                    $( CheckKind::$ckind => false, )+
                    $( CheckKind::$skind => false, )+
                }
            }
        }
    };
}
