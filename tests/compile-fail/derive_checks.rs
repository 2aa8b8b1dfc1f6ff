use ktstr_core::prelude::*;

#[derive(Payload)]
#[payload(binary = "fio", output = json)]
#[default_check(atleast("iops", 1.0))]
struct UnknownPayload;

#[derive(Payload)]
#[payload(binary = "fio", output = json)]
#[default_check(min("iops"))]
struct ShortPayload;

#[derive(Payload)]
#[payload(binary = "fio", output = json)]
#[default_check(min("iops", "many"))]
struct BoundPayload;

#[derive(Payload)]
#[payload(binary = "fio", output = json)]
#[default_check(max(3, 1.0))]
struct PathPayload;

#[derive(Payload)]
#[payload(binary = "fio", output = json)]
#[default_check(exists(""))]
struct EmptyPathPayload;

#[derive(Payload)]
#[payload(binary = "fio", output = json)]
#[default_check(range("iops", 5.0, 1.0))]
struct BackwardsPayload;

#[derive(Payload)]
#[payload(binary = "fio", output = json)]
#[default_check(max("iops", 1e999))]
struct HugePayload;

#[derive(Payload)]
#[payload(binary = "fio")]
#[default_check(exit_code(256))]
struct CodePayload;

#[derive(Payload)]
#[payload(binary = "fio")]
#[default_check(exit_code(0), exit_code(1))]
struct CodesPayload;

#[derive(Payload)]
#[payload(binary = "fio")]
#[default_check(min("iops", 1.0))]
#[metric(name = "iops")]
struct NoJsonPayload;

fn main() {}
