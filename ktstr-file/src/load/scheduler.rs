//! Scheduler definitions and references to them.

use crate::diagnose::error::Code;
use crate::load::decoder::{Decoder, Value, nearest, short};
use crate::load::fields::{Fields, text_of};
use crate::schema::shapes::{CONTROLLERS, EXPECTED_EXIT, ON_DEATH, SCHEDULER};
use ktstr_core::{Controller, Controllers, ExpectedExit, OnDeath, Scheduler, SchedulerExit};

/// Reads `[[scheduler]]` and keeps each by its id, or by its name where it has none.
pub(crate) fn schedulers(decoder: &mut Decoder<'_>, items: &[Value<'_>]) {
    for item in items {
        let before = decoder.noted.enter_scheduler();
        let ((), is_flawed) = decoder.flawed(|decoder| define(decoder, item));
        decoder.noted.leave(before);
        decoder.flaws.payloads |= is_flawed;
    }
}

fn define(decoder: &mut Decoder<'_>, item: &Value<'_>) {
    let Some(fields) = Fields::of_value(decoder, &SCHEDULER, "scheduler", item) else { return };
    let scheduler = scheduler(decoder, &fields);
    decoder.noted.name_scheduler(scheduler.name);
    let id = fields.maybe_text(decoder, "id").unwrap_or(scheduler.name);
    let scheduler = decoder.arena.alloc(scheduler);
    if decoder.schedulers.insert(id, scheduler).is_some() {
        let message = format!("a scheduler \"{}\" is defined already", short(id));
        decoder.error(&item.span(), Code::SchedulerTwice, message);
    }
}

fn scheduler<'a>(decoder: &mut Decoder<'a>, fields: &Fields<'_, '_>) -> Scheduler<'a> {
    let plain = Scheduler::new(fields.text(decoder, "name"), fields.text(decoder, "binary"));
    let expect_exit = fields.get("expect_exit").and_then(|value| expected_exit(decoder, value));
    Scheduler {
        args: fields.texts(decoder, "args"),
        env: fields.texts(decoder, "env"),
        controllers: controllers(decoder, fields),
        ready: fields.duration(decoder, "ready").unwrap_or(plain.ready),
        grace: fields.duration(decoder, "grace").unwrap_or(plain.grace),
        include_files: fields.texts(decoder, "include_files"),
        on_death: match word(decoder, fields, "on_death", ON_DEATH) {
            Some("go_on") => OnDeath::GoOn,
            _ => OnDeath::Stop,
        },
        expect_exit,
        ..plain
    }
}

fn controllers(decoder: &mut Decoder<'_>, fields: &Fields<'_, '_>) -> Controllers {
    let mut all = Controllers::NONE;
    for item in fields.list(decoder, "controllers") {
        let Some(name) = text_of(decoder, "controllers", item) else { continue };
        match Controller::from_name(name) {
            Some(controller) => all = all.with(controller),
            None => decoder.unknown_word(&item.span(), "controllers", name, CONTROLLERS),
        }
    }
    all
}

fn expected_exit<'a>(decoder: &mut Decoder<'a>, value: &Value<'_>) -> Option<ExpectedExit<'a>> {
    let fields = Fields::of_value(decoder, &EXPECTED_EXIT, "expect_exit", value)?;
    let kind = word(decoder, &fields, "kind", &SchedulerExit::WORDS);
    let message_contains = fields.text(decoder, "message_contains");
    let code = fields.integer(decoder, "code");
    Some(ExpectedExit { code, message_contains, ..ExpectedExit::new(SchedulerExit::from_word(kind?)?) })
}

/// One of some words.
pub(crate) fn word<'a>(
    decoder: &mut Decoder<'a>,
    fields: &Fields<'_, '_>,
    key: &str,
    known: &[&str],
) -> Option<&'a str> {
    let word = fields.maybe_text(decoder, key)?;
    if known.contains(&word) {
        return Some(word);
    }
    if let Some(value) = fields.get(key) {
        decoder.unknown_word(&value.span(), key, word, known);
    }
    None
}

/// The scheduler that a text names.
pub(crate) fn scheduler_ref<'a>(
    decoder: &mut Decoder<'a>,
    key: &str,
    value: &Value<'_>,
) -> Option<&'a Scheduler<'a>> {
    let id = text_of(decoder, key, value)?;
    let scheduler = decoder.schedulers.get(id).copied();
    if scheduler.is_none() {
        let message = format!("no scheduler \"{}\" is defined", short(id));
        let cure = match nearest(id, decoder.schedulers.keys().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("add [[scheduler]] with name = \"{}\" and its binary", short(id)),
        };
        decoder.error_with(&value.span(), Code::UnknownScheduler, message, cure);
    }
    scheduler
}
