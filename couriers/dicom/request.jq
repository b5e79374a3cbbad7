# GLS Canada (Dicom) v1: one number a request. Basic authentication is added by the engine.
{
  method: "GET",
  url: ("https://smart4i.dicom.com/v1/tracking/" + (.query.number | @uri)),
  headers: {Accept: "application/json"}
}
