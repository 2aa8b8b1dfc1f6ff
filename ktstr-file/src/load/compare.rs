//! Comparisons: `[[compare]]`.

use crate::load::decoder::{Decoder, Value};
use crate::load::fields::Fields;
use crate::load::scheduler::word;
use crate::schema::shapes::COMPARE;
use ktstr_core::{Compared, Comparison};

/// The comparisons of a scenario. What they name is judged with it.
pub(crate) fn comparisons<'a>(decoder: &mut Decoder<'a>, fields: &Fields<'_, '_>) -> &'a [Comparison<'a>] {
    let items = fields.list_of_tables(decoder, "compare");
    let all: Vec<_> = items.iter().filter_map(|item| comparison(decoder, item)).collect();
    decoder.arena.alloc_slice_copy(&all)
}

fn comparison<'a>(decoder: &mut Decoder<'a>, item: &Value<'_>) -> Option<Comparison<'a>> {
    let fields = Fields::of_value(decoder, &COMPARE, "compare", item)?;
    let of = fields.text(decoder, "of");
    let metric = word(decoder, &fields, "metric", Compared::WORDS);
    let metric = Compared::ALL.into_iter().find(|known| Some(known.word()) == metric);
    let against = fields.maybe_text(decoder, "against").unwrap_or(of);
    let step = fields.maybe_text(decoder, "step");
    let against_step = fields.maybe_text(decoder, "against_step");
    let (ratio, within) = (fields.number(decoder, "ratio"), fields.number(decoder, "within"));
    let usual = Comparison::new(of, against, metric?, ratio?);
    Some(Comparison { step, against_step, within: within.unwrap_or(usual.within), ..usual })
}
