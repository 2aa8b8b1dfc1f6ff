//! Random arguments, for generators of scenarios.

use super::WorkType;

/// The largest team that is drawn.
const LARGEST_TEAM: u32 = 16;

impl WorkType {
    /// The same work type with each argument drawn from its range by a random number; 0 draws its usual
    /// value. The arguments are valid, and the team is small: one of a thousand shows no more, and costs as
    /// many workers.
    #[must_use]
    pub fn drawn(mut self, mut random: impl FnMut() -> u64) -> Self {
        for (index, field) in self.info().fields.iter().enumerate() {
            // What the others leave of a range goes by those before it, which are drawn already.
            let drawn = self.kind_of(index).zip(field.usual);
            if let Some(value) = drawn.and_then(|(kind, usual)| kind.draw(random(), usual)) {
                let before = self;
                self.set_argument(index, value);
                if self.team_size() > LARGEST_TEAM {
                    self = before;
                }
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;

    #[test]
    fn what_is_drawn_is_valid_and_differs_where_there_are_arguments() {
        let mut rng = Rng::new(7);
        for usual in WorkType::DEFAULTS {
            let mut differs = false;
            for _ in 0..1000 {
                let drawn = usual.drawn(|| rng.next_u64());
                assert!(drawn.is_valid(), "{drawn:?}: {:?}", drawn.misfit());
                assert_eq!(drawn.name(), usual.name());
                assert!(drawn.team_size() <= LARGEST_TEAM, "{drawn:?}");
                differs |= drawn != usual;
            }
            assert_eq!(differs, !usual.info().fields.is_empty(), "{usual:?}");
            assert_eq!(usual.drawn(|| 0), usual);
        }
    }
}
