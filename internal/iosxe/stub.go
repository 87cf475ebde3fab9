package iosxe

func readTechSupport(*text, *License)      {}
func readAll(*text, *License)              {}
func readStatus(*text, *License)           {}
func readSummary(*text, *License)          {}
func readUsage(*text, *License)            {}
func readUDI(*text, *License)              {}
func readAuthorization(*text, *License)    {}
func readHistory(*text, *LicenseHistory)   {}
func readRUM(*text, *RUMReports)           {}
func readRUMDetail(*text, *RUMDetail)      {}
func readEventLog(*text, *LicenseEventLog) {}
func readPAK(*text, *PAKLicenses)          {}
func readVersion(*text, *Version)          {}
