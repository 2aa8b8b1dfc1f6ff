//! Comparisons: whether what they name is there at some time, and whether they can hold and fail.

use super::state::NONE;
use super::table::Key;
use super::walk::Walk;
use crate::base::name;
use crate::model::comparison::{Comparison, MAX_COMPARISONS};
use crate::validate::invalid::{Invalid, Value};
use crate::validate::rules::ErrorKind;

impl<'a> Walk<'_, '_, 'a> {
    /// Judges the comparisons, once all cgroups and steps are known.
    pub(super) const fn comparisons(&mut self) {
        let all = self.scenario.compare;
        if all.is_empty() {
            return;
        }
        (self.part, self.step) = (None, None);
        if all.len() > MAX_COMPARISONS {
            let (value, most) = (Value::Count(all.len() as u64), Value::Count(MAX_COMPARISONS as u64));
            self.report_value(ErrorKind::CompareTooMany, "", value, most);
        }
        let mut i = 0;
        while i < all.len() && !self.over {
            self.comparison(&all[i]);
            i += 1;
        }
    }

    const fn comparison(&mut self, comparison: &Comparison<'a>) {
        let Comparison { of, against, ratio, within, .. } = *comparison;
        let cgroups = [of, against];
        let steps = [comparison.step, comparison.step_of_against()];
        let mut side = 0;
        while side < 2 {
            if self.table.find(Key::Cgroup(cgroups[side])) == NONE {
                self.report(ErrorKind::CompareUnknown, cgroups[side]);
            }
            if let Some(step) = steps[side]
                && self.table.find(Key::Step(step)) == NONE
                && !(side == 1 && comparison.against_step.is_none())
            {
                self.report(ErrorKind::CompareStep, step);
            }
            side += 1;
        }
        let same_step = match (steps[0], steps[1]) {
            (Some(one), Some(other)) => name::equal(one, other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if same_step && name::equal(of, against) {
            self.report(ErrorKind::CompareNothing, of);
        }
        if !(ratio > 0.0 && ratio.is_finite()) {
            self.bad_bound(of, ratio, "above 0");
        }
        if !(within >= 0.0 && within <= 1.0) {
            self.bad_bound(of, within, "from 0 to 1");
        }
    }

    const fn bad_bound(&mut self, of: &'a str, value: f64, other: &'static str) {
        let invalid = Invalid::new(ErrorKind::CompareBound, self.site(), of);
        self.note(Invalid { other, value: Value::Real(value), ..invalid });
    }
}
