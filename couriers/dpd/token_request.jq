# DPD shipper services: LoginService 2.1. A token is good for a day, and more than a few logins a day are refused.
(.credentials.country | ascii_downcase) as $country
| if any("nl", "be"; . == $country) then . else error("country must be nl or be") end
| {
    method: "POST",
    url: "https://wsshipper.dpd.\($country)/soap/services/LoginService/V2_1",
    headers: {
      "Content-Type": "text/xml;charset=UTF-8",
      SOAPAction: "http://dpd.com/common/service/types/LoginService/2.1/getAuth"
    },
    body: (
      "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\""
      + " xmlns:ns=\"http://dpd.com/common/service/types/LoginService/2.1\"><soapenv:Header/><soapenv:Body><ns:getAuth>"
      + "<delisId>\(.credentials.delis_id | @html)</delisId><password>\(.credentials.password | @html)</password>"
      + "<messageLanguage>en_EN</messageLanguage></ns:getAuth></soapenv:Body></soapenv:Envelope>"
    )
  }
