# DPD ParcelLifeCycleService 2.0: one parcel a request.
{
  method: "POST",
  url: "https://wsshipper.dpd.\(.credentials.country | ascii_downcase)/soap/services/ParcelLifeCycleService/V2_0",
  headers: {
    "Content-Type": "text/xml;charset=UTF-8",
    SOAPAction: "http://dpd.com/common/service/types/ParcelLifeCycleService/2.0/getTrackingData"
  },
  body: (
    "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\""
    + " xmlns:ns=\"http://dpd.com/common/service/types/Authentication/2.0\""
    + " xmlns:ns1=\"http://dpd.com/common/service/types/ParcelLifeCycleService/2.0\"><soapenv:Header><ns:authentication>"
    + "<delisId>\(.credentials.delis_id | @html)</delisId><authToken>\(.token | @html)</authToken>"
    + "<messageLanguage>en_EN</messageLanguage></ns:authentication></soapenv:Header><soapenv:Body><ns1:getTrackingData>"
    + "<parcelLabelNumber>\(.query.number | @html)</parcelLabelNumber>"
    + "</ns1:getTrackingData></soapenv:Body></soapenv:Envelope>"
  )
}
