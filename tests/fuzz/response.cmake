yw_fuzz(response_condition ROOMS response)
