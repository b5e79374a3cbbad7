# SEKO Omni-Parcel, statusv2: a list of consignment numbers. The key is added by the engine.
{
  method: "POST",
  url: "https://api.omniparcel.com/labels/statusv2",
  headers: {"Content-Type": "application/json; charset=utf-8", Accept: "application/json"},
  body: .query.numbers
}
